import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CLIENT, SERVER } from "../../lib/cli/command_tables.ts";
import { exampleLine, helpText, wrap } from "../../lib/cli/help.ts";
import { allOptions, type Command } from "../../lib/cli/options.ts";

const COMMAND: Command = {
  name: "deno task test",
  summary: "A command.",
  options: [
    { name: "port", value: "PORT", help: "a port", default: "5000" },
    { name: "join", value: "CODE", optional: true, help: "a code" },
    { name: "seldom", help: "a switch", rare: true },
  ],
  exits: [[0, "left"], [1, "failed"]],
  examples: ["", "--join", "true | {} --seldom"],
};

Deno.test("helpText() aligns the common options, names the rare ones, and ends with examples", () => {
  assertEquals(helpText(COMMAND).split("\n"), [
    "A command.",
    "",
    "Usage: deno task test [options]",
    "",
    "  --port PORT    a port (default 5000)",
    "  --join [CODE]  a code",
    "  --help [all]   show this and leave; all: every option",
    "  --version      show the version and leave",
    "Also: --seldom (see --help all)",
    "Exit codes: 0 left, 1 failed.",
    "Examples:",
    "  deno task test",
    "  deno task test --join",
    "  true | deno task test --seldom",
  ]);
});

Deno.test("helpText() lists the operands before the options, and the note behind them", () => {
  const operands = { usage: "FILE", forms: [["FILE", "a file"], ["-", "stdin"]] } as const;
  assertEquals(
    helpText({ ...COMMAND, operands, options: [], note: "Note.", examples: [] }),
    [
      "A command.",
      "",
      "Usage: deno task test FILE [options]",
      "",
      "  FILE  a file",
      "  -     stdin",
      "",
      "  --help [all]  show this and leave; all: every option",
      "  --version     show the version and leave",
      "",
      "Note.",
      "",
      "Exit codes: 0 left, 1 failed.",
    ].join("\n"),
  );
});

for (const command of [CLIENT, SERVER]) {
  Deno.test(`helpText() of ${command.program} fits 80 columns, and the short one 24 lines with a prompt`, () => {
    const [short, all] = [helpText(command), helpText(command, "all")];
    for (const line of `${short}\n${all}`.split("\n")) assert(line.length <= 80, line);
    assert(short.split("\n").length < 24, `${short.split("\n").length} lines`);
    for (const { name, help } of allOptions(command)) {
      assertStringIncludes(short, `--${name}`);
      assertStringIncludes(all, help);
    }
  });
}

Deno.test("exampleLine() takes a program's other name", () => {
  assertEquals(exampleLine(COMMAND, "--join", "parley-test"), "parley-test --join");
});

Deno.test("wrap() breaks at spaces only, and keeps a word that is too long whole", () => {
  assertEquals(wrap("aa bb cc", "", 5), ["aa bb", "cc"]);
  assertEquals(wrap("aa bbbbbbbbb c", "  ", 5), ["aa", "  bbbbbbbbb", "  c"]);
});

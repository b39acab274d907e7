import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Command,
  helpText,
  parseChoice,
  parseCommandLine,
  parseInteger,
  shown,
} from "../../lib/cli/options.ts";
import { UsageError } from "../../lib/errors.ts";

const COMMAND: Command = {
  name: "test",
  summary: "A command.",
  options: [
    { name: "port", value: "PORT", help: "a port", default: "5000" },
    { name: "join", value: "CODE", optional: true, help: "a code" },
    { name: "json", help: "a switch" },
  ],
  notes: ["A note."],
};

const parse = (...args: string[]) => parseCommandLine(COMMAND, args);

Deno.test("parseCommandLine() gives defaults, values and switches", () => {
  const absent = { help: undefined, version: undefined };
  assertEquals(parse(), { ...absent, port: "5000", join: undefined, json: undefined });
  assertEquals(parse("--port", "1", "--json", "--join=x"), {
    ...absent,
    port: "1",
    join: "x",
    json: true,
  });
  assertEquals(parse("--help").help, true);
});

Deno.test("parseCommandLine() lets an optional value be absent, wherever it stands", () => {
  assertEquals(parse("--join").join, "");
  assertEquals(parse("--join", "--json").join, "");
  assertEquals(parse("--join", "--json").json, true);
  assertEquals(parse("--join", "code").join, "code");
});

Deno.test("parseCommandLine() refuses what is no option, missing, superfluous or repeated", () => {
  const bad = [
    ["--nope"],
    ["stray"],
    ["-p"],
    ["--port"],
    ["--port="],
    ["--port", "--json"],
    ["--port", "1", "--port", "2"],
    ["--json=true"],
    ["--", "stray"],
  ];
  for (const args of bad) {
    assertThrows(() => parse(...args), UsageError, undefined, args.join(" "));
  }
});

Deno.test("parseInteger() takes decimal digits in range only", () => {
  assertEquals(parseInteger("n", "7", 0, 10), 7);
  for (const text of ["", "-1", "11", "1.5", "1e1", "0x1", " 1", "１", "9".repeat(30)]) {
    assertThrows(() => parseInteger("n", text, 0, 10), UsageError, "from 0 to 10");
  }
});

Deno.test("parseChoice() lists what it takes", () => {
  assertEquals(parseChoice("c", "b", ["a", "b"]), "b");
  assertThrows(() => parseChoice("c", "z", ["a", "b"]), UsageError, "one of a, b");
});

Deno.test("shown() quotes an argument short and harmless", () => {
  assertEquals(shown("x\x1b[31m\n\u202e"), '"x?[31m??"');
  assert(shown("y".repeat(1000)).length < 70);
});

Deno.test("helpText() aligns options and shows defaults and optional values", () => {
  assertEquals(helpText(COMMAND).split("\n"), [
    "A command.",
    "",
    "Usage: test [options]",
    "",
    "  --port PORT    a port (default 5000)",
    "  --join [CODE]  a code",
    "  --json         a switch",
    "  --help         show this and leave",
    "  --version      show the version and leave",
    "",
    "A note.",
  ]);
});

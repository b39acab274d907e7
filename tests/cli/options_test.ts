import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Command,
  parseChoice,
  parseCommandLine,
  parseInteger,
  shown,
  usageOf,
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
  exits: [],
  examples: [],
};

/** What a command line says, without what it does not say. */
function parse(...args: string[]): Record<string, string | true> {
  const said = Object.entries(parseCommandLine(COMMAND, args));
  return Object.fromEntries(said.filter(([, value]) => value !== undefined)) as Record<
    string,
    string | true
  >;
}

Deno.test("parseCommandLine() gives values and switches, and no defaults", () => {
  assertEquals(parse(), {});
  assertEquals(parse("--port", "1", "--json", "--join=x"), { port: "1", json: true, join: "x" });
  assertEquals(parse("--help"), { help: "" });
  assertEquals(parse("--help", "all", "--version"), { help: "all", version: true });
});

Deno.test("parseCommandLine() lets an optional value be absent, wherever it stands", () => {
  assertEquals(parse("--join"), { join: "" });
  assertEquals(parse("--join", "--json"), { join: "", json: true });
  assertEquals(parse("--join", "code"), { join: "code" });
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

Deno.test("parseCommandLine() names the operands as the usage line does, and takes no more of them", () => {
  const operands = { usage: "COMMAND [NAME]", forms: [] };
  const said = (...args: string[]) => {
    const { COMMAND: word, NAME: name, json } = parseCommandLine({ ...COMMAND, operands }, args);
    return [word, name, json];
  };
  assertEquals(said(), [undefined, undefined, undefined]);
  assertEquals(said("007", "--json"), ["007", undefined, true]);
  assertEquals(said("-", "--port", "1", ""), ["-", "", undefined]);
  assertEquals(said("show", "--", "--json"), ["show", "--json", undefined]);
  assertThrows(() => said("a", "b", "c"), UsageError, '"c" is not an option');
  assertThrows(() => said("a", "--", "b", "--port"), UsageError, '"--port" is not an option');
});

Deno.test("parseCommandLine() says which option was meant, where one is near", () => {
  const operands = { usage: "", forms: [] };
  const options = [{ name: "send-file", value: "FILE", help: "" }, { name: "room", help: "" }];
  for (
    const [typed, meant] of [["--send", "--send-file"], ["--rom", "--room"], ["-room", "--room"]]
  ) {
    const parse = () => parseCommandLine({ ...COMMAND, operands, options }, [typed!]);
    assertThrows(parse, UsageError, `did you mean ${meant}?`);
  }
});

Deno.test("parseInteger() takes decimal digits in range only, and names where they came from", () => {
  assertEquals(parseInteger("--n", "7", 0, 10), 7);
  for (const text of ["", "-1", "11", "1.5", "1e1", "0x1", " 1", "１", "9".repeat(30)]) {
    assertThrows(() => parseInteger("PARLEY_N", text, 0, 10), UsageError, "PARLEY_N ");
  }
});

Deno.test("parseChoice() lists what it takes", () => {
  assertEquals(parseChoice("--c", "b", ["a", "b"]), "b");
  assertThrows(() => parseChoice("--c", "z", ["a", "b"]), UsageError, "one of a, b");
});

Deno.test("shown() quotes an argument short and harmless", () => {
  assertEquals(shown("x\x1b[31m\n\u202e"), '"x?[31m??"');
  assert(shown("y".repeat(1000)).length < 70);
});

Deno.test("usageOf() shows what an option takes", () => {
  assertEquals(COMMAND.options.map(usageOf), ["--port PORT", "--join [CODE]", "--json"]);
});

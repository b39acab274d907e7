import { assert, assertEquals } from "@std/assert";
import { completeCommand, helpLines, parseInput } from "../../lib/chat/slash_commands.ts";
import { COMMANDS } from "../../lib/chat/commands.ts";
import { actionOf, actionText } from "../../lib/chat/said.ts";

Deno.test("parseInput() takes text as it is", () => {
  for (const text of ["hello", " /help", "", "a\n/b", "exited"]) {
    assertEquals(parseInput(text), { type: "text", text });
  }
});

Deno.test("parseInput() takes exit as the original protocol does, and /exit", () => {
  for (const line of ["exit", " exit ", "/exit", "/exit "]) {
    assertEquals(parseInput(line), { type: "command", name: "exit", argument: "" });
  }
});

Deno.test("parseInput() says a line behind a doubled slash", () => {
  assertEquals(parseInput("//exit"), { type: "text", text: "/exit" });
  assertEquals(parseInput("///"), { type: "text", text: "//" });
});

Deno.test("parseInput() never takes an unknown command for text", () => {
  for (const line of ["/", "/x", "/Exit", "/ exit", "/helpme", "/é"]) {
    assertEquals(parseInput(line).type, "unknown", line);
  }
});

Deno.test("parseInput() gives a command its argument, trimmed", () => {
  assertEquals(parseInput("/export  a b "), {
    type: "command",
    name: "export",
    argument: "a b",
  });
});

Deno.test("completeCommand() completes a command at the start of a line only", () => {
  assertEquals(completeCommand("/ex", 3), ["/export", "/explain", "/exit"]);
  assertEquals(completeCommand("/ve", 3), ["/verify"]);
  assertEquals(completeCommand("say /ve", 7), []);
  assertEquals(completeCommand("ve", 2), []);
});

Deno.test("parseInput() takes the word exit for a command, and \\\\exit for the word", () => {
  assertEquals(parseInput(" exit "), { type: "command", name: "exit", argument: "" });
  assertEquals(parseInput("\\exit"), { type: "text", text: "exit" });
  assertEquals(parseInput("\\exited"), { type: "text", text: "\\exited" });
});

for (const columns of [80, 40]) {
  Deno.test(`helpLines() names every command, says all of it, and fits ${columns} columns`, () => {
    const help = helpLines(columns);
    for (const line of help.slice(0, -1)) assert(line.length <= columns, line);
    const words = help.join(" ").replaceAll(/\s+/g, " ");
    for (const { name, help: does } of COMMANDS) {
      assert(help.some((line) => line.startsWith(`  /${name}`)), name);
      assert(does.split(" ").every((word) => words.includes(word)), does);
    }
  });
}

Deno.test("helpLines() puts what a command does below it where there is no room beside it", () => {
  assertEquals(helpLines(30).slice(2, 4), ["  /who", "    show who is here, and both keys"]);
});

Deno.test("completeCommand() completes the words of a command, and nothing where a text is due", () => {
  assertEquals(completeCommand("/verify y", 9), ["yes"]);
  assertEquals(completeCommand("/verify ", 8), ["yes"]);
  assertEquals(completeCommand("/me y", 5), []);
});

Deno.test("actionOf() takes back what actionText() makes, and nothing else", () => {
  for (const action of ["waves", "is  here", "a\nb"]) {
    assertEquals(actionOf(actionText(action)), action);
  }
  for (const text of ["/me", "/me ", "/me  x", "/meow", " /me x", "/ME x", "me x"]) {
    assertEquals(actionOf(text), null, text);
  }
});

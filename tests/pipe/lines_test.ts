import { assertEquals } from "@std/assert";
import { readLines, takeFirstLine } from "../../lib/pipe/lines.ts";
import { MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";

/** What readLines() makes of some chunks, with errors as their codes and messages. */
async function read(...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const items: unknown[] = [];
  async function* bytes() {
    for (const chunk of chunks) {
      yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    }
  }
  for await (const item of readLines(bytes())) {
    items.push(item.type === "lines" ? item.lines : item.error.code);
  }
  return items;
}

Deno.test("readLines() gives the lines of one chunk together, the empty ones too", async () => {
  assertEquals(await read("a\n\nb\n"), [["a", "", "b"]]);
});

Deno.test("readLines() counts a last line without a newline", async () => {
  assertEquals(await read("a\nb"), [["a"], ["b"]]);
  assertEquals(await read("a\n"), [["a"]]);
  assertEquals(await read(""), []);
});

Deno.test("readLines() joins a line, and a character, that chunks split", async () => {
  const bytes = new TextEncoder().encode("x👋y\nz\n");
  const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assertEquals((await read(...chunks)).flat(), ["x👋y", "z"]);
});

Deno.test("readLines() takes a newline of either kind, and a byte order mark only at the beginning", async () => {
  assertEquals(await read("\ufeff a \r\n", "\ufeffb\rc\r\r\n", "d\r"), [
    [" a "],
    ["\ufeffb\rc\r"],
    ["d"],
  ]);
});

Deno.test("readLines() reports a line that is not UTF-8 and goes on", async () => {
  const bad = Uint8Array.of(0x61, 0x0a, 0xff, 0x0a, 0x62, 0x0a);
  assertEquals(await read(bad), [["a"], "line-not-utf8", ["b"]]);
});

Deno.test("readLines() takes a line of the longest length and reports one byte more", async () => {
  const most = "x".repeat(MAX_TEXT_BYTES);
  assertEquals(await read(`${most}\nb\n`), [[most, "b"]]);
  assertEquals(await read("a\n", most, "x\nb\n"), [["a"], "line-too-long", ["b"]]);
  assertEquals(await read(most, "x"), ["line-too-long"]);
});

Deno.test("takeFirstLine() takes a code that a script gives, and leaves the rest", async () => {
  async function* script() {
    yield { type: "join", code: "7-a-b" } as const;
    yield { type: "finish" } as const;
  }
  const { first, rest } = await takeFirstLine(script());
  const others = [];
  for await (const item of rest) others.push(item.type);
  assertEquals([first, others], ["7-a-b", ["finish"]]);
});

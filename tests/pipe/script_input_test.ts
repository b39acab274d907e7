import { assertEquals, assertThrows } from "@std/assert";
import { parseAction, readScript } from "../../lib/pipe/script_input.ts";
import { ParleyError } from "../../lib/errors.ts";
import { MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";

Deno.test("parseAction() reads each of the five", () => {
  const actions: [line: string, action: unknown][] = [
    ['{"say":"a\\nb"}', { type: "lines", lines: ["a\nb"] }],
    ['{"say":""}', { type: "lines", lines: [""] }],
    [' { "finish" : true } ', { type: "finish" }],
    ['{"verify":true}', { type: "verify", digits: null }],
    ['{"verify":"12345"}', { type: "verify", digits: "12345" }],
    ['{"export":"talk"}', { type: "export", name: "talk" }],
    ['{"join":"7-a-b"}', { type: "join", code: "7-a-b" }],
  ];
  for (const [line, action] of actions) assertEquals(parseAction(line), action as never);
});

const BAD = [
  "hello",
  "{",
  "null",
  '"say"',
  "[]",
  "{}",
  '{"say":1}',
  '{"say":null}',
  '{"finish":false}',
  '{"verify":false}',
  '{"say":"a","finish":true}',
  '{"Say":"a"}',
  '{"__proto__":"a"}',
  '{"say":"\\ud800"}',
  '{"say":"a"}{"say":"b"}',
];

for (const line of BAD) {
  Deno.test(`parseAction() refuses ${line}, and says what it expected`, () => {
    const error = assertThrows(
      () => parseAction(line),
      ParleyError,
      'expected one of {"say":TEXT}',
    );
    assertEquals(error.code, "bad-input");
  });
}

Deno.test("parseAction() takes the longest text, however it is escaped, and refuses one byte more", () => {
  const text = (bytes: number) => `{"say":"${"\\u0041".repeat(bytes)}"}`;
  assertEquals(parseAction(text(MAX_TEXT_BYTES)).type, "lines");
  const error = assertThrows(() => parseAction(text(MAX_TEXT_BYTES + 1)), ParleyError);
  assertEquals(error.code, "line-too-long");
});

Deno.test("readScript() reports a bad line by its number, skips empty ones, and goes on", async () => {
  const script = '{"say":"1"}\nno\n\n \n{"say":"2"}\r\n{"say":3}';
  async function* bytes() {
    yield new TextEncoder().encode(script);
    yield Uint8Array.of(0x0a, 0xff, 0x0a);
  }
  const items: unknown[] = [];
  for await (const item of readScript(bytes())) {
    if (item.type === "bad-line") {
      items.push(`${item.error.code} ${item.error.message.slice(0, 8)}`);
    } else items.push(item.type === "lines" ? item.lines : item.type);
  }
  const bad = ["bad-input line 2: ", "bad-input line 6: ", "line-not-utf8 line 7 i"];
  assertEquals(items, [["1"], bad[0], ["2"], bad[1], bad[2]]);
});

import { assertEquals, assertMatch } from "@std/assert";
import type { ChatPrompt } from "../../lib/chat/chat_prompt.ts";
import { plainPrompt } from "../../lib/chat/chat_prompt.ts";
import { styler } from "../../lib/terminal/style.ts";

/** A prompt that keeps what it is told. */
function recorder() {
  const calls: string[] = [];
  const prompt: ChatPrompt = {
    async *[Symbol.asyncIterator]() {
      yield { type: "line", text: "你" } as const;
    },
    print: (text) => calls.push(`print ${text}`),
    setPrompt: (text) => calls.push(`prompt ${text}`),
    setStatus: (text) => calls.push(`status ${text}`),
    setPending: (lines) => calls.push(`pending ${lines}`),
    ask: (question) => Promise.resolve(question),
    columns: 40,
    setLine: (text) => calls.push(`line ${text}`),
    close: () => calls.push("close"),
  };
  return { calls, prompt };
}

Deno.test("plainPrompt() shows what is not ASCII by its number, keeps styles, and draws no block", async () => {
  const { calls, prompt } = recorder();
  const plain = plainPrompt(prompt);
  const style = styler("16");
  plain.print(`${style("你", "bold", "magenta")} ok\nnext ␛`);
  plain.setPrompt(style("to Zoë> ", "green"));
  plain.setStatus("leaving");
  plain.setPending(["one"]);
  assertEquals(plain.columns, 40);
  assertEquals(await plain.ask("你? "), "<U+4F60>? ");
  plain.setLine("ë");
  plain.close();
  assertEquals(calls, [
    `print ${style("<U+4F60>", "bold", "magenta")} ok\nnext <U+241B>`,
    `prompt ${style("to Zo<U+00EB>> ", "green")}`,
    "line ë",
    "close",
  ]);
  for (const call of calls.filter((call) => !call.startsWith("line"))) {
    // deno-lint-ignore no-control-regex
    assertMatch(call, /^[\x20-\x7e\n\x1b]*$/);
  }
});

Deno.test("plainPrompt() hands on what the person types as it is", async () => {
  const typed: unknown[] = [];
  for await (const event of plainPrompt(recorder().prompt)) typed.push(event);
  assertEquals(typed, [{ type: "line", text: "你" }]);
});

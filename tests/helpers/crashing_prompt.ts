/**
 * A program with a prompt, which ends in the way that is typed: for the test that looks at the terminal afterwards.
 *
 * @module
 */
import { PromptLoop } from "../../lib/terminal/prompt.ts";
import { Terminal } from "../../lib/terminal/terminal.ts";

const prompt = new PromptLoop(Terminal.open({ focus: true }), { prompt: "how> " });
prompt.setPending(["a line above the prompt"]);
for await (const event of prompt) {
  if (event.type !== "line") continue;
  if (event.text === "throw") {
    setTimeout(() => {
      throw new Error("thrown on purpose");
    });
  }
  if (event.text === "reject") void Promise.reject(new Error("rejected on purpose"));
  if (event.text === "exit") Deno.exit(9);
}

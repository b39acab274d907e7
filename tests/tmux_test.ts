/**
 * The terminal client as a person meets it, driven by tmux: one conversation. tests/soak/ has the others.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Tmux } from "../tools/tmux.ts";
import { assertSaneTerminal, canUseTmux, meet } from "./helpers/panes.ts";
import { startRelayProcess } from "./helpers/processes.ts";

Deno.test({
  name: "terminal: messages arrive above a half-typed line, and exit leaves the terminal as it was",
  ignore: !canUseTmux,
  async fn() {
    await using relay = await startRelayProcess();
    await using tmux = new Tmux();
    const [alice, bob] = await meet(tmux, relay.url);
    await bob.type("half a line 你好 👋🏽 e\u0301");
    await bob.until("half a line");
    for (let i = 0; i < 5; i++) await alice.enter(`message ${i} 世界`);
    await bob.until("Alice> message 4 世界");
    assertStringIncludes(
      (await bob.screen()).split("\n").at(-1)!,
      "to (unverified) Alice> half a line 你好",
    );
    await bob.press("BSpace", "BSpace");
    await bob.enter("done");
    await alice.until(/Bob> half a line 你好 👋🏽 ?done/u);
    await alice.until("you> message 4 世界 ✓");
    assertEquals(/[…→] you>/.test(await alice.history()), false, "nothing waits any more");
    await alice.enter("exit");
    await alice.until("exit 0");
    await bob.until("Alice has left");
    await assertSaneTerminal(alice);
  },
});

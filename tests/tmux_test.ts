/**
 * The terminal client as a person meets it, driven by tmux.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasTmux, type Pane, Tmux } from "../tools/tmux.ts";
import { canRun } from "./helpers/permissions.ts";
import { startRelayProcess, taskArguments } from "./helpers/processes.ts";

const ignore = !canRun || !await hasTmux();

/** Types the command that the task `client` runs. */
async function startClient(pane: Pane, url: string, ...args: string[]): Promise<void> {
  const root = new URL("..", import.meta.url).pathname;
  const command = [Deno.execPath(), ...taskArguments("client"), "--server", url, ...args];
  await pane.enter(
    `cd '${root}'; stty -a > /dev/null; clear; ${command.join(" ")}; echo "exit $?"`,
  );
}

/** A relay, and two clients that have met. */
async function meet(tmux: Tmux, url: string): Promise<[alice: Pane, bob: Pane]> {
  const [alice, bob] = [await tmux.open(80, 24), await tmux.open(80, 24)];
  await startClient(alice, url, "--name", "Alice");
  await startClient(bob, url, "--name", "Bob");
  await alice.until("to Bob (unverified)>");
  await bob.until("to Alice (unverified)>");
  return [alice, bob];
}

function test(name: string, fn: (tmux: Tmux, url: string) => Promise<void>): void {
  Deno.test({
    name: `terminal: ${name}`,
    ignore,
    async fn() {
      await using relay = await startRelayProcess();
      await using tmux = new Tmux();
      await fn(tmux, relay.url);
    },
  });
}

test("messages arrive above a half-typed line and leave it as it is", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  await bob.type("half a line 你好 👋🏽 e\u0301");
  await bob.until("half a line");
  for (let i = 0; i < 5; i++) await alice.enter(`message ${i} 世界`);
  await bob.until("Alice> message 4 世界");
  const lines = (await bob.screen()).split("\n");
  assertStringIncludes(lines.at(-1)!, "to Alice (unverified)> half a line 你好");
  await bob.press("BSpace", "BSpace");
  await bob.enter("done");
  await alice.until(/Bob> half a line 你好 👋🏽 ?done/u);
});

test("a paste of 200 lines is one message", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  const pasted = Array.from({ length: 200 }, (_, i) => `line ${i}`).join("\n");
  await alice.paste(pasted);
  await alice.until("line 199");
  await alice.press("Enter");
  await bob.until("Alice> line 0");
  await bob.until(/line 199$/m);
  assertEquals((await bob.history()).match(/Alice>/g)!.length, 1);
});

test("40 columns wrap, before and after a resize, and nothing is lost", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  await bob.resize(40, 20);
  await bob.type("a line that is longer than forty columns, 你好你好你好");
  await bob.press("Enter");
  await alice.until("Bob> a line that is longer than forty columns, 你好你好你好");
  await alice.enter("and another one that is longer than forty columns");
  await bob.until(/Alice> and another one that is longer than\s*forty columns/);
  for (const line of (await bob.screen()).split("\n")) assert([...line].length <= 40, line);
  await bob.resize(80, 24);
  await bob.enter("wide again");
  await alice.until("Bob> wide again");
});

for (
  const [how, leave] of [
    ["exit", (pane: Pane) => pane.enter("exit")],
    ["/exit", (pane: Pane) => pane.enter("/exit")],
    ["Ctrl-C", (pane: Pane) => pane.press("C-c")],
    ["Ctrl-D", (pane: Pane) => pane.press("C-d")],
  ] as const
) {
  test(`${how} leaves with 0, the terminal as it was, and the peer told`, async (tmux, url) => {
    const [alice, bob] = await meet(tmux, url);
    await leave(alice);
    await alice.until("exit 0");
    await bob.until("Alice has left");
    await assertSaneTerminal(alice);
  });
}

/** The shell echoes and edits again, as a fresh one does. */
async function assertSaneTerminal(pane: Pane): Promise<void> {
  await pane.enter(
    "clear; stty -a | tr ';' '\\n' | tr ' ' '\\n' | grep -xE -e '-?(icanon|echo|isig|icrnl|ixon|opost)' | xargs echo modes",
  );
  const [, modes] = await pane.until(/^modes (.*)$/m);
  assertEquals(modes, "icrnl ixon opost isig icanon echo");
}

test("Ctrl-C throws away a draft first, and only then leaves", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.type("not what I meant");
  await alice.until("not what I meant");
  await alice.press("C-c");
  await alice.enter("but this");
  await bob.until("Alice> but this");
  assertEquals((await bob.history()).includes("not what I meant"), false);
});

test("Ctrl-Z does not hang the terminal", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.press("C-z");
  await alice.enter("still here");
  await bob.until("Alice> still here");
});

test(
  "a client that is killed leaves a terminal that the shell repairs, and a peer who is told",
  async (tmux, url) => {
    const [alice, bob] = await meet(tmux, url);
    const root = new URL("..", import.meta.url).pathname;
    const killer = await tmux.open(80, 24);
    await killer.enter(
      `cd '${root}'; pkill -TERM -f -- '--server ${url} --name Alice'; echo killed`,
    );
    await alice.until(/exit \d+/);
    await bob.until(/Alice (vanished|has left)/);
    await assertSaneTerminal(alice);
  },
);

test("escapes from the peer are shown and not obeyed", async (tmux, url) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.paste("\x1b[2J\x1b]0;owned\x07 \u202egnp.exe");
  await alice.press("Enter");
  await bob.until("Alice>");
  const screen = await bob.until(/Alice> (.*)/);
  assert(!screen[1]!.includes("\x1b"));
  assertStringIncludes(await bob.history(), "secure with Alice");
});

test("no relay: one line that says what to do, and exit 4", async (tmux) => {
  const pane = await tmux.open(80, 24);
  await startClient(pane, "http://127.0.0.1:9");
  await pane.until(/cannot reach a relay at http:\/\/127\.0\.0\.1:9\. Start one with/);
  await pane.until("exit 4");
  await assertSaneTerminal(pane);
});

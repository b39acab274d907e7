/** The terminal client as a person meets it, driven by tmux. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Pane, Tmux } from "../../tools/tmux.ts";
import {
  assertSaneTerminal,
  canUseTmux,
  CLIENT,
  meet,
  startClient,
  startProgram,
} from "../helpers/panes.ts";
import { tempDir } from "../helpers/permissions.ts";
import { startRelayProcess } from "../helpers/processes.ts";

/** Types the command that the task `client` runs, with the profile `alice` in a folder. */
async function startAlice(pane: Pane, url: string, folder: string): Promise<void> {
  const settings = `PARLEY_PROFILE_DIR='${folder}' PARLEY_PASSPHRASE=for-this-test`;
  const args = ["--server", url, "--name", "Alice", "--profile", "alice"];
  await startProgram(pane, [settings, ...CLIENT, ...args]);
}

function test(name: string, fn: (world: { tmux: Tmux; url: string }) => Promise<void>): void {
  Deno.test({
    name: `terminal: ${name}`,
    ignore: !canUseTmux,
    async fn() {
      await using relay = await startRelayProcess();
      await using tmux = new Tmux();
      await fn({ tmux, url: relay.url });
    },
  });
}

test("a paste of 200 lines is one message", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  const pasted = Array.from({ length: 200 }, (_, i) => `line ${i}`).join("\n");
  await alice.paste(pasted);
  await alice.until("line 199");
  await alice.press("Enter");
  await bob.until("Alice> line 0");
  await bob.until(/line 199$/m);
  assertEquals((await bob.history()).match(/^\d\d:\d\d Alice>/gm)!.length, 1);
});

test("40 columns wrap, before and after a resize, and nothing is lost", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  await bob.resize(40, 20);
  await bob.type("a line that is longer than forty columns, 你好你好你好");
  await bob.press("Enter");
  await alice.until("Bob> a line that is longer than forty columns, 你好你好你好");
  await alice.enter("and another one that is longer than forty columns");
  await bob.until(/Alice> and another one that is\n {4}\| longer than forty columns/);
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
  test(`${how} leaves with 0, the terminal as it was, and the peer told`, async ({ tmux, url }) => {
    const [alice, bob] = await meet(tmux, url);
    await leave(alice);
    await alice.until("exit 0");
    await bob.until("Alice has left");
    await assertSaneTerminal(alice);
  });
}

test("Ctrl-C throws away a draft first, and only then leaves", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.type("not what I meant");
  await alice.until("not what I meant");
  await alice.press("C-c");
  await alice.enter("but this");
  await bob.until("Alice> but this");
  assertEquals((await bob.history()).includes("not what I meant"), false);
});

test("Ctrl-Z does not hang the terminal where nobody could continue the program", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.press("C-z");
  await alice.until("Ctrl-Z does nothing without --suspend");
  await alice.enter("still here");
  await bob.until("Alice> still here");
});

test("Ctrl-Z stops with --suspend, the terminal as it was, and fg goes on with the draft", async ({ tmux, url }) => {
  const [alice, bob] = [await tmux.open(80, 24), await tmux.open(80, 24)];
  await startClient(alice, url, "--name", "Alice", "--suspend");
  await startClient(bob, url, "--name", "Bob");
  await alice.until("to (unverified) Bob>");
  await alice.type("a draft 你好");
  await alice.until("a draft 你好");
  await alice.press("C-z");
  await alice.until(/^exit 1\d\d$/m);
  await assertSaneTerminal(alice);
  await bob.enter("said while she was away");
  await bob.until(/→ you> said while/);
  await alice.enter("clear; fg");
  await alice.until("Bob> said while she was away");
  await alice.enter(", and its end");
  await bob.until("Alice> a draft 你好, and its end");
  await bob.until("you> said while she was away ✓");
});

type Killer = "HUP" | "TERM" | "KILL";

/** Sends a signal to the client that calls itself so, as somebody in another window does. */
async function kill(tmux: Tmux, signal: Killer, url: string, name: string): Promise<void> {
  const killer = await tmux.open(80, 24);
  await killer.enter(`pkill -${signal} -f -- '--server ${url} --name ${name}'; echo sent`);
  await killer.until(/^(\$ )?sent$/m);
}

for (const [signal, code] of [["HUP", 129], ["TERM", 143]] as const) {
  test(`SIG${signal} leaves the terminal as it was, and the seat free for its owner`, async ({ tmux, url }) => {
    const [alice, bob] = await meet(tmux, url);
    await alice.type("a draft");
    await alice.until("a draft");
    await kill(tmux, signal, url, "Alice");
    await alice.until(`exit ${code}`);
    await bob.until("Alice vanished");
    await assertSaneTerminal(alice);
    await startClient(alice, url, "--name", "Alice");
    await alice.until("to (unverified) Bob>");
  });
}

test("SIGHUP of a pipe's terminal frees its seat, too", async ({ tmux, url }) => {
  const [alice, bob] = [await tmux.open(80, 24), await tmux.open(80, 24)];
  const client = [...CLIENT, "--server", url, "--name", "Alice"];
  await startProgram(alice, ["sleep 600 |", ...client]);
  await startClient(bob, url, "--name", "Bob");
  await bob.until("to (unverified) Alice>");
  await kill(tmux, "HUP", url, "Alice");
  await bob.until("Alice vanished");
});

test("SIGKILL leaves a raw terminal, which `stty sane` and Ctrl-J repair", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  await kill(tmux, "KILL", url, "Alice");
  await alice.until("exit 137");
  await bob.until("Alice has lost the connection");
  await alice.type("stty sane");
  await alice.press("C-j");
  await alice.enter(
    "clear; stty -a | tr ' ;' '\\n\\n' | grep -xE -e '-?(icanon|echo|isig|icrnl|opost)' | xargs echo modes",
  );
  const [, modes] = await alice.until(/^modes (.*)$/m);
  assertEquals(modes, "icrnl opost isig icanon echo");
});

for (const [how, code] of [["throw", 1], ["reject", 1], ["exit", 9]] as const) {
  test(`a program that ends by ${how} leaves the terminal as it was`, async ({ tmux }) => {
    const pane = await tmux.open(60, 12);
    await startProgram(pane, [
      Deno.execPath(),
      "run",
      "--quiet",
      "tests/helpers/crashing_prompt.ts",
    ]);
    await pane.until(/a line above the prompt\nhow>/);
    await pane.enter(how);
    await pane.until(`exit ${code}`);
    assertEquals((await pane.history()).includes("a line above"), false);
    await assertSaneTerminal(pane);
  });
}

test("a line stands above the prompt until it has arrived", async ({ tmux, url }) => {
  const alice = await tmux.open(40, 20);
  await startClient(alice, url, "--name", "Alice");
  await alice.until("nobody here>");
  await alice.enter("a line for nobody yet, 你好, wider than forty columns");
  await alice.enter("and another");
  await alice.until(/… you> a line for nobody yet, 你好, wid…\n… you> and another\nnobody here>/);
  await alice.type("half a li");
  const bob = await tmux.open(80, 24);
  await startClient(bob, url, "--name", "Bob");
  await alice.until(
    /you> a line for nobody yet, 你好,\n {4}\| wider than forty columns ✓\n.*and another ✓/,
  );
  await alice.until("to (unverified) Bob> half a li");
  const history = await alice.history();
  assertEquals(/[…→] you>/.test(history), false, "nothing of the block is left");
});

test("200 lines typed at once arrive in order, and leave nothing of the block", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i} 你`);
  await alice.enterAll(lines);
  await bob.until("Alice> line 199 你");
  await alice.until("you> line 199 你 ✓");
  const history = await alice.history();
  const said = Array.from(history.matchAll(/you> (.*) ✓$/gm), ([, text]) => text);
  assertEquals(said, lines);
  assertEquals(/[…→] you>/.test(history), false);
});

test("leaving with a line that nobody has asks first, and Ctrl-C leaves at once", async ({ tmux, url }) => {
  const alice = await tmux.open(40, 20);
  await startClient(alice, url, "--name", "Alice");
  await alice.until("nobody here>");
  await alice.enter("for nobody");
  await alice.until("… you> for nobody");
  await alice.press("C-d");
  await alice.until(/1 line is not known to have arrived:\s*leave anyway\? \[y\/N\]/);
  await alice.enter("n");
  await alice.until(/… you> for nobody\nnobody here>/);
  await alice.press("C-c");
  await alice.until(/\[y\/N\] n[^]*\[y\/N\]/);
  await alice.press("C-c");
  await alice.until("exit 0");
  await alice.until(/- 1 line of yours is not known to have\n {2}arrived\n {2}for nobody\n/);
  await assertSaneTerminal(alice);
});

/** Alice's profile gets to know Bob, and both leave. */
async function getToKnow(tmux: Tmux, url: string, folder: string): Promise<void> {
  const [alice, bob] = [await tmux.open(80, 24), await tmux.open(80, 24)];
  await startAlice(alice, url, folder);
  await alice.until("[y/N]");
  await alice.enter("y");
  await alice.until("nobody here>");
  await startClient(bob, url, "--name", "Bob");
  await bob.until("to (unverified) Alice>");
  await alice.until("to (unverified) Bob>");
  await bob.enter("exit");
  await alice.until("Bob has left");
  await alice.press("C-d");
  await alice.until("exit 0");
}

/**
 * Alice has said a line when a Bob comes who is not the one that she knows: without a profile he has another key.
 * She tries to say another line.
 */
async function stop(
  tmux: Tmux,
  url: string,
  folder: string,
  [columns, rows]: readonly [number, number],
): Promise<[alice: Pane, bob: Pane]> {
  await getToKnow(tmux, url, folder);
  const [alice, bob] = [await tmux.open(columns, rows), await tmux.open(80, 24)];
  await startAlice(alice, url, folder);
  await alice.until("nobody here>");
  await alice.enter("from before");
  await alice.until(/… you> from before\nnobody here>/);
  await startClient(bob, url, "--name", "Bob");
  await bob.until("to (unverified) Alice>");
  await alice.until("to (changed) Bob>");
  assertStopScreen((await alice.screen()).split("\n"), columns);
  await alice.enter("typed at the stop");
  await alice.until(/not sent: first \/accept-new-key or\s+\/exit\./);
  await alice.press("C-u");
  return [alice, bob];
}

/** All of the stop is on the screen: that nothing was sent, both keys, and what was typed before. */
function assertStopScreen(screen: readonly string[], columns: number): void {
  const find = (start: string) => screen.findIndex((line) => line.startsWith(start));
  assertEquals(screen[find("! STOP") + 1], "! Nothing was sent.");
  const keys = ["The key since", "The key now:"].map((title) =>
    screen.slice(find(title) + 1, find(title) + 4).join("\n")
  );
  for (const key of keys) assert(/^( {2}(\d{5} ?){4}\n?){3}$/.test(key), key);
  assert(keys[0] !== keys[1]);
  assertEquals(screen.slice(-2), ["… you> from before", "to (changed) Bob>"]);
  for (const line of screen) assert(line.length <= columns, line);
}

for (const size of [[80, 24], [40, 20]] as const) {
  test(`at another key, ${size.join(" by ")}, nothing leaves before /exit`, async ({ tmux, url }) => {
    await using folder = await tempDir();
    const [alice, bob] = await stop(tmux, url, folder.path, size);
    await alice.enter("/exit");
    await alice.until("[y/N]");
    await alice.enter("y");
    await alice.until("exit 3");
    await bob.until(/Alice (vanished|has left)/);
    assertEquals(/^\d\d:\d\d Alice>/m.test(await bob.history()), false);
    await assertSaneTerminal(alice);
  });

  test(`at another key, ${size.join(" by ")}, /accept-new-key sends what waited`, async ({ tmux, url }) => {
    await using folder = await tempDir();
    const [alice, bob] = await stop(tmux, url, folder.path, size);
    assertEquals(/^\d\d:\d\d Alice>/m.test(await bob.history()), false);
    await alice.enter("/accept-new-key");
    await bob.until("Alice> from before");
    await alice.until("you> from before ✓");
    await alice.until("to (unverified) Bob>");
    assertEquals((await bob.history()).includes("typed at the stop"), false);
  });
}

test("escapes from the peer are shown and not obeyed", async ({ tmux, url }) => {
  const [alice, bob] = await meet(tmux, url);
  await alice.paste("\x1b[2J\x1b]0;owned\x07 \u202egnp.exe");
  await alice.press("Enter");
  await bob.until("Alice>");
  const screen = await bob.until(/Alice> (.*)/);
  assert(!screen[1]!.includes("\x1b"));
  assertStringIncludes(await bob.history(), "Alice; messages are signed");
});

test("no relay: one line that says what to do, and exit 4", async ({ tmux }) => {
  const pane = await tmux.open(80, 24);
  await startClient(pane, "http://127.0.0.1:9");
  await pane.until(/cannot reach a relay at http:\/\/127\.0\.0\.1:9 \(/);
  await pane.until("exit 4");
  await assertSaneTerminal(pane);
});

/** Files in the terminal client, driven by tmux. */
import { assert, assertEquals } from "@std/assert";
import { type Pane, Tmux } from "../../tools/tmux.ts";
import { assertSaneTerminal, canUseTmux, CLIENT } from "../helpers/panes.ts";
import { tempDir } from "../helpers/permissions.ts";
import { startRelayProcess } from "../helpers/processes.ts";

/** The file that is sent: nothing in it comes twice. */
const CONTENT = new Uint8Array(1 << 20).map((_, i) => (i * 2_654_435_761) >>> 24);

/** A folder with `alice/outbox/photo.bin`, `private.bin`, and `bob`. */
async function folders() {
  const folder = await tempDir();
  for (const name of ["alice/outbox", "bob"]) {
    await Deno.mkdir(`${folder.path}/${name}`, { recursive: true });
  }
  await Deno.writeFile(`${folder.path}/alice/outbox/photo.bin`, CONTENT);
  await Deno.writeFile(`${folder.path}/private.bin`, CONTENT.subarray(0, 1000));
  return folder;
}

/** Types the command that the task `client` runs, in a folder of its own, and keeps the terminal's modes. */
async function startClient(
  pane: Pane,
  folder: string,
  url: string,
  name: "alice" | "bob",
  ...args: string[]
): Promise<void> {
  const command = [
    `PARLEY_PROFILE_DIR='${folder}/profiles'`,
    "PARLEY_PASSPHRASE=for-this-test",
    ...CLIENT,
    "--server",
    url,
    "--name",
    name,
    ...args,
  ];
  await pane.enter(
    `cd '${folder}/${name}'; before="$(stty -a)"; clear; ${command.join(" ")}; echo "exit $?"`,
  );
}

function test(
  name: string,
  fn: (world: { tmux: Tmux; url: string; folder: string }) => Promise<void>,
): void {
  Deno.test({
    name: `terminal: ${name}`,
    ignore: !canUseTmux,
    async fn() {
      await using folder = await folders();
      await using relay = await startRelayProcess();
      await using tmux = new Tmux();
      await fn({ tmux, url: relay.url, folder: folder.path });
    },
  });
}

/** Two clients that have met. */
async function meet(tmux: Tmux, url: string, folder: string): Promise<[alice: Pane, bob: Pane]> {
  const [alice, bob] = [await tmux.open(100, 30), await tmux.open(100, 30)];
  await startClient(alice, folder, url, "alice");
  await startClient(bob, folder, url, "bob");
  await alice.until("to (unverified) bob>");
  await bob.until("to (unverified) alice>");
  return [alice, bob];
}

/** Leaves, both of them. */
async function leave(alice: Pane, bob: Pane): Promise<void> {
  await alice.enter("/exit");
  await bob.enter("/exit");
  await Promise.all([alice.until("exit 0"), bob.until("exit 0")]);
  await assertSaneTerminal(alice);
  await assertSaneTerminal(bob);
}

test("a file of the outbox is offered, accepted and whole", async ({ tmux, url, folder }) => {
  const [alice, bob] = await meet(tmux, url, folder);
  await alice.enter("/send outbox/photo.bin");
  await bob.until("alice offers file 1: photo.bin, 1 MiB. Type /accept 1 or /refuse 1");
  await bob.enter("/accept");
  await Promise.all([
    bob.until("received received/photo.bin, 1 MiB"),
    alice.until("bob has photo.bin, 1 MiB"),
  ]);
  assertEquals(await Deno.readFile(`${folder}/bob/received/photo.bin`), CONTENT);
  await leave(alice, bob);
});

test("a file elsewhere is not sent, nothing asks, and the chat goes on", async ({ tmux, url, folder }) => {
  const [alice, bob] = await meet(tmux, url, folder);
  await alice.enter(`/send ${folder}/private.bin`);
  await alice.until(/private\.bin was not sent: this run may/);
  await alice.enter("still here");
  await bob.until("alice> still here");
  assertEquals((await bob.history()).includes("offers"), false);
  await leave(alice, bob);
});

test("--send-file may name a file anywhere", async ({ tmux, url, folder }) => {
  const [alice, bob] = [await tmux.open(100, 30), await tmux.open(100, 30)];
  await startClient(alice, folder, url, "alice", "--send-file", `${folder}/private.bin`);
  await alice.until("offered private.bin");
  await startClient(bob, folder, url, "bob");
  await bob.until("alice offers file 1: private.bin, 1000 bytes");
  await bob.enter("/accept 1");
  await bob.until("received received/private.bin");
  assertEquals(await Deno.readFile(`${folder}/bob/received/private.bin`), CONTENT.slice(0, 1000));
  await leave(alice, bob);
});

/** A file that takes a moment to cross. */
const LARGE = 64 << 20;

test("a receiver killed in the middle goes on by itself", async ({ tmux, url, folder }) => {
  const content = new Uint8Array(LARGE);
  for (let i = 0; i < LARGE; i += 4096) content[i] = (i / 4096) % 251;
  await Deno.writeFile(`${folder}/alice/outbox/large.bin`, content);
  const [alice, bob] = [await tmux.open(100, 30), await tmux.open(100, 30)];
  await startClient(alice, folder, url, "alice");
  await startClient(bob, folder, url, "bob", "--profile", "bob");
  await bob.until("[y/N]");
  await bob.enter("y");
  await alice.until("to (unverified) bob>");
  const killer = await tmux.open(80, 24);
  await alice.enter("/send outbox/large.bin");
  await bob.until("alice offers file 1: large.bin, 64 MiB");
  await bob.enter("/accept");
  // The line below the prompt, on both sides, while it moves.
  await bob.until(/↓ large\.bin \[[#-]+\] \d+% .*\/s/);
  await alice.until(/↑ large\.bin \[[#-]+\] \d+%/);
  await killer.enter(`pkill -KILL -f -- '--server ${url} --name bob'; echo sent`);
  await bob.until("exit 137");
  const parts = await Array.fromAsync(Deno.readDir(`${folder}/bob/received`));
  assertEquals(parts.map(({ name }) => name.endsWith(".part")), [true]);
  await alice.until(/bob vanished|bob has lost the connection/);
  await bob.type("stty sane");
  await bob.press("C-j");
  await startClient(bob, folder, url, "bob", "--profile", "bob");
  await alice.until("bob is back");
  await bob.until("received received/large.bin, 64 MiB");
  await alice.until("bob has large.bin");
  assert(equal(await Deno.readFile(`${folder}/bob/received/large.bin`), content));
  await leave(alice, bob);
});

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

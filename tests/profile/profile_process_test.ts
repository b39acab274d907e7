/**
 * Profiles on a real disk, between real processes.
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import type { Contact } from "../../lib/profile/contacts.ts";
import { ProfileError } from "../../lib/profile/errors.ts";
import { DENO_FILES } from "../../lib/profile/files.ts";
import { newProfile, type Profile } from "../../lib/profile/profile.ts";
import { ProfileStore, type StoreOptions } from "../../lib/profile/profile_store.ts";
import { keyFingerprint } from "../../lib/protocol/fingerprint.ts";
import { main as profile } from "../../profile.ts";
import { canRun, canWriteTemp, tempDir } from "../helpers/permissions.ts";
import { captured } from "../helpers/captured.ts";
import { runClient } from "../helpers/clients.ts";
import { recordSyncs } from "../helpers/recorded_syncs.ts";
import { type Finished, taskArguments } from "../helpers/processes.ts";
import { relayWorld } from "../helpers/relay_world.ts";
import { contactOf, LEAST_COST, nameAfter, PASSPHRASE, TEST_BOUNDS, TEST_COST } from "./people.ts";

/** How often a process that saves is killed. It was done 500 times when this was written. */
const KILLS = 2;

const ROOT = new URL("../../", import.meta.url);
const isUnix = Deno.build.os !== "windows";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !canRun || !canWriteTemp, fn });
}

function optionsIn(folder: string): StoreOptions {
  const cheap = { cost: TEST_COST, bounds: TEST_BOUNDS };
  return { folder, files: DENO_FILES, random: systemRandom, ...cheap };
}

/** Makes the profile `work`, which calls itself `0 `. */
async function makeProfile(options: StoreOptions): Promise<void> {
  using store = await ProfileStore.lock(options, "work");
  await store.create(newProfile("work", { name: nameAfter(0) }, systemRandom), PASSPHRASE);
}

/** Starts a program that saves the profile over and over. */
function start(folder: string): Deno.ChildProcess {
  const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
  const program = new URL("save_forever.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--ignore-env", ...permissions, program, folder],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Gives the numbers that the program prints, and kills it after `enough` of them and a moment of no fixed length. */
async function killAfter(process: Deno.ChildProcess, enough: number): Promise<number[]> {
  const decoder = new TextDecoder();
  let text = "";
  let killed = false;
  for await (const chunk of process.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (killed || text.split("\n").length <= enough) continue;
    killed = true;
    // Up to a hundred thousand turns of a loop: less than the time that a save takes.
    const turns = new DataView(systemRandom(4).buffer).getUint32(0) % 100_000;
    for (let i = 0, x = 1; i < turns; i++) x = Math.imul(x, 31) + i;
    process.kill("SIGKILL");
  }
  await process.status;
  // A line that was cut off by the kill was not printed.
  return text.slice(0, text.lastIndexOf("\n")).split("\n").map(Number);
}

test("a process that is killed while it saves leaves the last state or the one after it", async () => {
  await using folder = await tempDir();
  const options = optionsIn(folder.path);
  await makeProfile(options);
  const found = { acknowledged: 0, next: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = 1 + systemRandom(1)[0]! % 8;
    const counts = await killAfter(start(folder.path), enough);
    const acknowledged = counts.at(-1)!;
    using store = await ProfileStore.lock(options, "work");
    const { settings } = await store.open(PASSPHRASE);
    if (settings.name === nameAfter(acknowledged)) found.acknowledged++;
    else assertEquals(settings.name, nameAfter(acknowledged + 1), `${found.next++}`);
  }
  assertEquals(found.acknowledged + found.next, KILLS);
});

test("a profile that one process has open is refused to another, until that one is gone, even if killed", async () => {
  await using folder = await tempDir();
  const options = optionsIn(folder.path);
  await makeProfile(options);
  const process = start(folder.path);
  const output = process.stdout.getReader();
  await output.read();
  const error = await assertRejects(() => ProfileStore.lock(options, "work"), ProfileError);
  assertEquals([error.code, error.exitCode], ["profile-in-use", 8]);
  process.kill("SIGKILL");
  await process.status;
  await output.cancel();
  using _store = await ProfileStore.lock(options, "work");
});

test("a profile that was deleted under a lock can be made and locked again", async () => {
  await using folder = await tempDir();
  const options = optionsIn(folder.path);
  await makeProfile(options);
  const store = await ProfileStore.lock(options, "work");
  await store.delete();
  assertEquals(await Array.fromAsync(Deno.readDir(folder.path)), []);
  // The deleted file's lock is still held, and holds up nobody.
  using other = await ProfileStore.lock(options, "work");
  assertEquals(await other.exists(), false);
  store.close();
});

test("DENO_FILES waits for the disk after each change, and so does a folder's list", async () => {
  await using folder = await tempDir();
  using syncs = recordSyncs();
  const path = `${folder.path}/file`;
  await DENO_FILES.writeNew(path, utf8("one"));
  const end = await DENO_FILES.openEnd(path);
  await end.append(utf8("two"));
  await end.truncate(3);
  end.close();
  await DENO_FILES.syncFolder(folder.path);
  assertEquals(syncs.calls, ["sync", "syncData", "syncData", ...(isUnix ? ["sync"] : [])]);
});

if (isUnix) {
  test("a profile's folder and files are for their owner only, whatever the umask was", async () => {
    await using folder = await tempDir();
    const path = `${folder.path}/a/b`;
    const options = optionsIn(path);
    await makeProfile(options);
    {
      using store = await ProfileStore.lock(options, "work");
      const { journal } = await store.openJournal(await store.open(PASSPHRASE));
      await journal.append([utf8("one")]);
      await journal.rewrite([utf8("two")]);
      await journal.append([utf8("three")]);
    }
    const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    assertEquals(await mode(path), 0o700);
    for (const name of ["work.profile", "work.generation", "work.journal", "work.lock"]) {
      assertEquals(await mode(`${path}/${name}`), 0o600, name);
    }
  });
}

/** Runs a task with a folder of profiles, on `stdin` and with these variables of the environment. */
async function run(
  task: "client" | "profile",
  folder: string,
  args: string[],
  { stdin = "", passphrase = "" }: { stdin?: string; passphrase?: string } = {},
): Promise<Finished> {
  const [command, ...rest] = taskArguments(task, folder);
  const process = new Deno.Command(Deno.execPath(), {
    args: [command!, "--quiet", "--no-prompt", ...rest, ...args],
    env: { PARLEY_PROFILE_DIR: folder, PARLEY_PASSPHRASE: passphrase },
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = process.output();
  const keyboard = process.stdin.getWriter();
  await keyboard.write(new TextEncoder().encode(stdin));
  await keyboard.close().catch(() => {});
  const { code, stdout, stderr } = await output;
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Makes a profile with the least cost that a client accepts. */
async function makeRealProfile(
  folder: string,
  name: string,
  contacts: Contact[] = [],
): Promise<Profile> {
  const options = { folder, files: DENO_FILES, random: systemRandom, cost: LEAST_COST };
  using store = await ProfileStore.lock(options, name);
  const profile = { ...newProfile(name, { name }, systemRandom), contacts };
  await store.create(profile, PASSPHRASE);
  return profile;
}

test("two clients with profiles know each other again, and stop when a key has changed", async () => {
  await using folder = await tempDir();
  await using relay = await relayWorld();
  const bob = await makeRealProfile(folder.path, "bob");
  const known = contactOf("bob", { key: bob.identity.publicKey.bytes });
  const alice = await makeRealProfile(folder.path, "alice", [known]);
  const client = (profile: string) =>
    run("client", folder.path, ["--server", relay.url, "--profile", profile, "--json"], {
      stdin: `${profile} here\n`,
      passphrase: PASSPHRASE,
    });
  const met = await Promise.all([client("alice"), client("bob")]);
  assertEquals(met.map(({ code }) => code), [0, 0], met.map(({ stderr }) => stderr).join());
  const found = (pattern: RegExp) => met.map(({ stdout }) => stdout.match(pattern)?.[1]);
  assertEquals(found(/"event":"trust","state":"(\w+)"/), ["known", "unverified"]);
  const keys = [alice, bob].map(({ identity }) => keyFingerprint(identity.publicKey.bytes));
  assertEquals(found(/"ownFingerprint":"([\d ]+)"/), await Promise.all(keys));

  // Bob has kept Alice's key. A contact is found by the name that the peer gives itself, which anybody can.
  const [stopped, stranger] = await Promise.all([
    client("bob"),
    runClient(["--server", relay.url, "--json", "--name", "alice"]),
  ]);
  assertEquals(stopped.code, 3);
  assertStringIncludes(stopped.stdout, '"event":"error","code":"key-changed"');
  assert(!stranger.stdout.includes("bob here"));
  // Nothing that anybody wrote has the passphrase in it.
  for (const { stdout, stderr } of [...met, stopped]) {
    assert(!`${stdout}${stderr}`.includes(PASSPHRASE));
  }
});

test("a client without its passphrase, with a wrong one, or without its profile says so and connects nowhere", async () => {
  await using folder = await tempDir();
  await makeRealProfile(folder.path, "alice");
  const client = (profile: string, passphrase: string, ...more: string[]) =>
    run("client", folder.path, ["--profile", profile, ...more], { passphrase });
  for (
    const [profile, passphrase, code, about] of [
      ["alice", "", 2, "PARLEY_PASSPHRASE"],
      ["alice", "wrong horse", 5, "does not open"],
      ["nobody", PASSPHRASE, 1, "deno task profile create nobody"],
    ] as const
  ) {
    const finished = await client(profile, passphrase);
    assertEquals([finished.code, finished.stdout], [code, ""], finished.stderr);
    assertMatch(finished.stderr, /^parley: [^\n]+\n$/);
    assertStringIncludes(finished.stderr, about);
  }
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assert(!names.includes("nobody.profile"), "no identity is made in silence");
  const elsewhere = await client("alice", PASSPHRASE, "--profile-dir", `${folder.path}-elsewhere`);
  assertEquals(elsewhere.code, 7);
  assertStringIncludes(elsewhere.stderr, "PARLEY_PROFILE_DIR");
});

/** Runs `deno task profile` in this process, which has no passphrase. */
function runHere(folder: string, ...args: string[]): Promise<Finished> {
  return captured(() => profile([...args, "--profile-dir", folder]));
}

test("deno task profile makes, lists, shows and deletes profiles, and prints no secret", async () => {
  await using folder = await tempDir();
  const passed = (args: string[]) => run("profile", folder.path, args, { passphrase: PASSPHRASE });
  const here = (...args: string[]) => runHere(folder.path, ...args);
  assertEquals((await passed(["create", "work"])).code, 0);
  assertEquals((await here("create", "work")).code, 1);
  assertEquals((await here("list")).stdout, "work\n");
  // One that takes less to open.
  await makeRealProfile(folder.path, "home");
  const shown = await passed(["show", "home"]);
  assertMatch(shown.stdout, /^profile home\n {2}name {6}home\n {2}key {7}(\d{5} ?){12}\n/);
  assertStringIncludes(shown.stdout, "\n  journal   (none)\n");
  assertEquals((await passed(["delete", "work"])).code, 2);
  assertEquals((await here("delete", "work", "--yes")).code, 0);
  const left = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assertEquals(left.filter((name) => name.startsWith("work.")), []);
  assertEquals((await here("delete", "work", "--yes")).code, 1);
});

test("deno task profile reports wrong usage, and its help fits a screen", async () => {
  for (const args of [[], ["show", "A"]]) {
    const { code, stdout, stderr } = await runHere("no-folder", ...args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertMatch(stderr, /^parley: [^\n]+\n$/);
  }
  const { code, stdout } = await runHere("no-folder", "--help");
  const lines = stdout.split("\n");
  assertEquals(code, 0);
  assert(lines.length <= 30 && lines.every((line) => line.length <= 80), stdout);
});

if (isUnix) {
  test("a passphrase comes through a file descriptor, and stands in no argument and no environment", async () => {
    await using folder = await tempDir();
    await makeRealProfile(folder.path, "work");
    await Deno.writeFile(`${folder.path}/work.journal`, new Uint8Array(64));
    const [command, ...rest] = taskArguments("profile", folder.path);
    const words = [Deno.execPath(), command, "--quiet", "--no-prompt", ...rest];
    const show = [...words, "show", "work", "--passphrase-fd", "3"].map((word) => `'${word}'`);
    const shell = new Deno.Command("sh", {
      // The shell itself has the text in its arguments; the program that it becomes has a pipe.
      args: ["-c", `printf '%s\\n' '${PASSPHRASE}' | { exec 3<&0 </dev/null; ${show.join(" ")}; }`],
      env: { PARLEY_PROFILE_DIR: folder.path },
      cwd: ROOT,
    });
    const { code, stdout, stderr } = await shell.output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const shown = new TextDecoder().decode(stdout);
    assertStringIncludes(shown, "profile work");
    assertStringIncludes(shown, "\n  journal   64 bytes\n");
  });
}

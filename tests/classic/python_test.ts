/**
 * The suite `classic` against tests/fixtures/classic_client.py, a client of the original protocol on python-socketio,
 * pycryptodome and websocket-client. Ignored where /usr/bin/python3 has not all three; on Debian
 *
 *     apt-get install python3-socketio python3-pycryptodome python3-websocket
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type RunningClient, startClient } from "../helpers/clients.ts";
import { canRun } from "../helpers/permissions.ts";
import { type Running, startProgram } from "../helpers/processes.ts";
import { relayWorld } from "../helpers/relay_world.ts";
import { SMALL_GROUP } from "./world.ts";

/** The system's Python: another one may come first in the PATH and have nothing. */
const PYTHON = "/usr/bin/python3";

/** Imports all that the client does. */
const IMPORTS = `
import socketio, websocket
try:
    from Crypto.Cipher import AES
except ImportError:
    from Cryptodome.Cipher import AES
`;

/** Whether the Python client can run here. */
async function hasPython(): Promise<boolean> {
  if (!canRun) return false;
  try {
    const imports = new Deno.Command(PYTHON, {
      args: ["-c", IMPORTS],
      stdout: "null",
      stderr: "null",
    });
    return (await imports.output()).success;
  } catch {
    return false;
  }
}

const ignore = !await hasPython();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** Starts the Python client. */
function python(url: string, ...args: string[]): Running {
  return startProgram(PYTHON, ["-B", "tests/fixtures/classic_client.py", "--server", url, ...args]);
}

/** The next line that a process prints. A Python client would wait for ever for one of ours that has ended. */
async function nextLine(
  listener: RunningClient,
  speaker: RunningClient,
): Promise<string | undefined> {
  const gone = speaker.ended().then(({ stderr }) => `the other side ended: ${stderr}`);
  return await Promise.race([listener.lines.next().then(({ value }) => value), gone]);
}

/** What is said, one line after the other; the empty line and the white space count. */
const SAID = ["hello", "Grüße, ça va?", "你好 👋🏽 👩‍👩‍👧", "", "  two  ", "x".repeat(5000), "ⵣ\u202e\t"];

test("a Python client of the original protocol and --classic understand each other, both ways", async () => {
  await using world = await relayWorld();
  await using theirs = python(world.url);
  await using ours = startClient("--classic", "--server", world.url);
  for (const line of SAID) {
    await theirs.write(`${line} (Python)\n`);
    assertEquals(await nextLine(ours, theirs), `${line} (Python)`);
    await ours.write(`${line} (parley)\n`);
    assertEquals(await nextLine(theirs, ours), `${line} (parley)`);
  }
  await theirs.write("exit\n");
  const [left, stayed] = await Promise.all([theirs.ended(), ours.ended()]);
  assertEquals([left.code, stayed.code], [0, 0], left.stderr + stayed.stderr);
});

test("--classic and a Python client understand each other when it is parley that came first, and leaves first", async () => {
  await using world = await relayWorld();
  await using ours = startClient("--classic", "--server", world.url, "--json");
  await ours.write("said before anybody was there\n");
  assertStringIncludes(String((await ours.lines.next()).value), "insecure-suite");
  await using theirs = python(world.url);
  assertEquals(await nextLine(theirs, ours), "said before anybody was there");
  // One by one: python-socketio gives each message a thread of its own, and keeps no order among them.
  for (const line of SAID) {
    await ours.write(`${line}\n`);
    assertEquals(await nextLine(theirs, ours), line);
  }
  await ours.write("exit\n");
  const { code, stdout } = await ours.ended();
  assertEquals(code, 0);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.filter(({ event }) => event === "sent").map(({ text }) => text), [
    "said before anybody was there",
    ...SAID,
  ]);
  assertEquals((await theirs.finish()).code, 0);
});

test("--classic and a Python client meet in a group of their own", async () => {
  await using world = await relayWorld();
  const group = `${SMALL_GROUP.q},${SMALL_GROUP.a}`;
  await using theirs = python(world.url, "--group", group);
  await using ours = startClient("--classic", "--classic-group", group, "--server", world.url);
  await ours.write("é\n");
  assertEquals(await nextLine(theirs, ours), "é");
  await theirs.write("ü\n");
  assertEquals(await nextLine(ours, theirs), "ü");
});

test("a Python client that signs wrongly is refused: exit 3, one line, nothing sent", async () => {
  await using world = await relayWorld();
  await using theirs = python(world.url, "--wrong-signature");
  await using ours = startClient("--classic", "--server", world.url);
  await ours.write("a line that must never leave\n");
  const { code, stdout, stderr } = await ours.ended();
  assertEquals([code, stdout], [3, ""], stderr);
  const [, waiting, refused, ...more] = stderr.trimEnd().split("\n");
  assertStringIncludes(waiting!, "waiting in room lobby");
  assertMatch(
    refused!,
    /^parley: the signature on the other side's Diffie-Hellman key does not verify/,
  );
  assertEquals(more, []);
  assertEquals((await theirs.finish()).stdout, "");
  assertEquals(world.log.filter((line) => line.includes("event=message ")), []);
});

test("two Python clients talk through the relay in its default room, as they did through their own", async () => {
  await using world = await relayWorld();
  await using alice = python(world.url, "--patient");
  await using bob = python(world.url, "--patient");
  for (const line of SAID) {
    await alice.write(`${line}\n`);
    assertEquals(await nextLine(bob, alice), line);
    await bob.write(`${line}!\n`);
    assertEquals(await nextLine(alice, bob), `${line}!`);
  }
  await alice.write("exit\n");
  const [left, stayed] = [await alice.ended(), await bob.finish()];
  assertEquals([left.code, stayed.code], [0, 0]);
  // Their handler of KEY_EXCHANGE takes one argument, and it was called once. It runs beside the main program.
  for (const { stderr } of [left, stayed]) {
    assertEquals(stderr.trimEnd().split("\n").sort(), ["KEY_EXCHANGE", "connected", "waiting"]);
  }
  assertEquals(world.log.filter((line) => line.includes("key exchange")).length, 1);
});

test("a Python client that meets parley-1 is refused with a suite-mismatch, exit 3", async () => {
  await using world = await relayWorld();
  await using theirs = python(world.url);
  await using ours = startClient("--server", world.url);
  const { code, stderr } = await ours.ended();
  assertEquals(code, 3);
  assertStringIncludes(stderr, "original protocol");
  assertEquals((await theirs.finish()).stdout, "");
});

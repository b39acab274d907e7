/**
 * `deno task client --classic`: with itself, with parley-1, and with peers that do wrong.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ClassicSigningKey } from "../../lib/classic/elgamal.ts";
import { DEFAULT_CLASSIC_GROUP } from "../../lib/classic/group.ts";
import { readClientOptions } from "../../lib/cli/client_options.ts";
import { encodeClassicShare } from "../../lib/classic/wire.ts";
import { UsageError } from "../../lib/errors.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { KEY_EXCHANGE } from "../../lib/relay/wire_events.ts";
import { runClient, type RunningClient, startClient } from "../helpers/clients.ts";
import { granted } from "../helpers/permissions.ts";
import { relayWorld } from "../helpers/relay_world.ts";
import { SMALL_GROUP } from "./world.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted("net"), fn });
}

const SMALL = `${SMALL_GROUP.q},${SMALL_GROUP.a}`;

const BAD_ARGS: [string[], string][] = [
  [["--classic", "--invite"], "--classic and --invite don't go together"],
  [["--classic", "--join", "7-calm-harbor-lantern"], "--classic and --join don't go together"],
  [["--classic", "--join"], "--classic and --join don't go together"],
  [["--classic", "--deniable"], "--classic and --deniable don't go together"],
  [["--classic", "--name", "Anna"], "--classic and --name don't go together"],
  [["--classic", "--explain"], "--classic and --explain don't go together"],
  [["--classic=yes"], "takes no value"],
  [["--classic-group", SMALL], "--classic-group is for --classic only"],
  [["--classic", "--classic-group"], "needs a value"],
  [["--classic", "--classic-group", "23"], "two decimal numbers"],
  [["--classic", "--classic-group", "23,5"], "64 to 8192 bits"],
  [["--classic", "--classic-group", `${SMALL_GROUP.q + 2n},5`], "a prime q"],
  [["--classic", "--classic-group", `${SMALL_GROUP.q},1`], "a base a above 1"],
  [["--classic", "--classic-group", SMALL, "--classic-group", SMALL], "given 2 times"],
];

Deno.test("readClientOptions() refuses what does not go with --classic, with one line", () => {
  for (const [args, about] of BAD_ARGS) {
    const { message } = assertThrows(() => readClientOptions(args), UsageError, about);
    assert(!message.includes("\n"), message);
  }
});

/** Reads lines until `count` have come. */
async function lines({ lines }: RunningClient, count: number): Promise<string[]> {
  const read = [];
  while (read.length < count) {
    const { value, done } = await lines.next();
    if (done) break;
    read.push(value);
  }
  return read;
}

test("two --classic clients print each other's lines exactly, warn first, and exit 0", async () => {
  await using relay = await relayWorld();
  const args = ["--classic", "--server", relay.url, "--room", "r"];
  await using a = startClient(...args);
  await using b = startClient(...args);
  await a.write("Grüße, ça va?\n");
  await b.write("你好 👋🏽\n\n  spaces\t\n");
  assertEquals(await lines(b, 1), ["Grüße, ça va?"]);
  assertEquals(await lines(a, 3), ["你好 👋🏽", "", "  spaces\t"]);
  await a.write("last without newline");
  // The end of its input: a has handed over everything, so it leaves; b notices, and leaves too.
  const [left, stayed] = await Promise.all([a.finish(), b.ended()]);
  assertEquals([left.code, stayed.code], [0, 0], left.stderr + stayed.stderr);
  assertEquals(stayed.stdout, "Grüße, ça va?\nlast without newline\n");
  const [warning, waiting, connected, gone] = stayed.stderr.trimEnd().split("\n");
  assertMatch(warning!, /^parley: warning: --classic .* INSECURE/);
  assertStringIncludes(waiting!, "waiting in room r");
  assertStringIncludes(connected!, "INSECURELY");
  assertEquals(gone, "parley: the other side has left");
});

test("a --classic client leaves at the word exit, which it does not say, and reads no further", async () => {
  await using relay = await relayWorld();
  const args = ["--classic", "--server", relay.url];
  await using listener = startClient(...args);
  const { code } = await runClient(args, "one\ntwo\nexit\nthree\n");
  assertEquals(code, 0);
  const { code: end, stdout } = await listener.ended();
  assertEquals([end, stdout], [0, "one\ntwo\n"]);
});

test("two --classic clients meet in a group of their own, with a warning when it is small", async () => {
  await using relay = await relayWorld();
  const args = ["--classic", "--classic-group", SMALL, "--server", relay.url, "--json"];
  await using listener = startClient(...args);
  const { code } = await runClient(args, "hello\n");
  const { code: end, stdout } = await listener.ended();
  assertEquals([code, end], [0, 0]);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const names = events.map(({ event }) => event).filter((event) => event !== "step");
  assertEquals(names, ["warning", "warning", "waiting", "insecure", "message", "peer-left"]);
  assertStringIncludes(events[1].message, "q has only 65 bits");
  const { text, sequence, signed } = events.find(({ event }) => event === "message");
  assertEquals([text, sequence, signed], ["hello", 0, false]);
});

test("a --classic client and one of parley-1 refuse each other with a suite-mismatch, exit 3", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--json"];
  await using classic = startClient("--classic", ...args);
  await using parley = startClient(...args);
  for (const client of [classic, parley]) await client.write("a line that must never leave\n");
  for (const [client, about] of [[classic, "parley-1"], [parley, "original protocol"]] as const) {
    const { code, stdout } = await client.ended();
    assertEquals(code, 3);
    const last = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    assertEquals([last.event, last.code], ["error", "suite-mismatch"]);
    assertStringIncludes(last.message, about);
    assert(!stdout.includes('"sent"'));
  }
});

test("two --classic clients with different groups refuse each other: exit 3, one line, nothing sent", async () => {
  await using relay = await relayWorld();
  const args = ["--classic", "--server", relay.url];
  await using a = startClient(...args);
  await using b = startClient(...args, "--classic-group", `${DEFAULT_CLASSIC_GROUP.q},5`);
  await a.write("a line that must never leave\n");
  const { code, stdout, stderr } = await a.ended();
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr.trimEnd().split("\n").at(-1)!, "different groups");
  assertEquals((await b.ended()).stdout, "");
});

test("deno task client --classic refuses a signature over another share: exit 3, one line, nothing sent", async () => {
  await using world = await relayWorld();
  const peer = await world.connect();
  const key = ClassicSigningKey.generate(DEFAULT_CLASSIC_GROUP, systemRandom);
  await using client = startClient("--classic", "--server", world.url);
  await client.write("a line that must never leave\n");
  await peer.next(KEY_EXCHANGE);
  peer.socket.emit("ELGAMAL_PK", String(key.y));
  await peer.next("DEFF_HELLMAN_PK_BC");
  const signature = await key.sign("7", systemRandom);
  peer.socket.emit("DEFF_HELLMAN_PK", encodeClassicShare({ share: 8n, signature }));
  const { code, stdout, stderr } = await client.ended();
  assertEquals([code, stdout], [3, ""], stderr);
  const [warning, waiting, refused, ...more] = stderr.trimEnd().split("\n");
  assertStringIncludes(warning!, "INSECURE");
  assertStringIncludes(waiting!, "waiting in room lobby");
  assertMatch(refused!, /^parley: .{20,}/);
  assertEquals(more, []);
  await peer.next("PEER_LEFT");
  assertEquals(peer.heard.map(([event]) => event).includes("received_message"), false);
});

test("deno task client --classic sends the original protocol's four texts, and nothing else", async () => {
  await using world = await relayWorld();
  const peer = await world.connect();
  const key = ClassicSigningKey.generate(DEFAULT_CLASSIC_GROUP, systemRandom);
  await using client = startClient("--classic", "--server", world.url);
  await client.write("hello\n");
  await peer.next(KEY_EXCHANGE);
  assertMatch(String(await peer.next("ELGAMAL_PK_BC")), /^[1-9][0-9]{600,616}$/);
  peer.socket.emit("ELGAMAL_PK", String(key.y));
  const number = "[1-9][0-9]{590,616}";
  assertMatch(
    String(await peer.next("DEFF_HELLMAN_PK_BC")),
    new RegExp(`^{"deff_public_key": ${number}, "s1": ${number}, "s2": ${number}}$`),
  );
  const signature = await key.sign("8", systemRandom);
  peer.socket.emit("DEFF_HELLMAN_PK", encodeClassicShare({ share: 8n, signature }));
  const message = String(await peer.next("received_message"));
  assertMatch(message, /^{"message": "[A-Za-z0-9+/]{7}=", "iv": "[A-Za-z0-9+/]{22}=="}$/);
  await client.finish();
  await peer.next("PEER_LEFT");
  assertEquals(peer.heard.map(([event]) => event), [
    "connect",
    KEY_EXCHANGE,
    "ELGAMAL_PK_BC",
    "DEFF_HELLMAN_PK_BC",
    "received_message",
    "PEER_LEFT",
  ]);
});

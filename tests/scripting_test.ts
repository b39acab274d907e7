/**
 * What scripts rely on: docs/SCRIPTING.md and docs/events.schema.json against the code and against real runs.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Admission } from "../lib/conversation/admission.ts";
import { type ConversationEvent, EVENT_NAMES, EventStream } from "../lib/conversation/events.ts";
import { JsonView } from "../lib/pipe/json_view.ts";
import { EXIT } from "../lib/errors.ts";
import { CLIENT } from "../lib/cli/command_tables.ts";
import schema from "../docs/events.schema.json" with { type: "json" };
import { FakeRelay } from "./conversation/fake_relay.ts";
import { isValid, type Schema } from "./helpers/json_schema.ts";
import { runClient, startClient } from "./helpers/clients.ts";
import { canRun, canWriteTemp, granted, tempDir } from "./helpers/permissions.ts";
import { type Finished, startIn, startRelayProcess } from "./helpers/processes.ts";
import { relayWorld } from "./helpers/relay_world.ts";

const SCHEMA: Schema = schema;
const ROOT = new URL("../", import.meta.url);

type Json = Record<string, unknown>;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted("net"), fn });
}

/** The events that a client wrote, each of which the schema describes. */
function events(stdout: string): Json[] {
  const all: Json[] = stdout.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line)
  );
  for (const event of all) assert(isValid(event, SCHEMA), JSON.stringify(event));
  return all;
}

const named = (all: Json[], name: string) => all.filter(({ event }) => event === name);

/** One event of a client as it runs. */
async function until(lines: AsyncIterator<string>, name: string): Promise<Json> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the client ended before ${name}`);
    const event = JSON.parse(value);
    if (event.event === name) return event;
  }
}

/** The texts of a table's first column in docs/SCRIPTING.md, below a heading. */
async function firstColumn(heading: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("docs/SCRIPTING.md", ROOT));
  const section = text.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return Array.from(section.matchAll(/^\| `?([a-z0-9-]+)`? +\|/gm), ([, cell]) => cell!)
    .filter((cell) => !["event", "code", "line"].includes(cell) && !/^-+$/.test(cell));
}

/** Every TypeScript file of the programs. */
async function programText(folder = "lib/"): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) text += await programText(`${folder}${name}/`);
    else if (name.endsWith(".ts")) {
      text += await Deno.readTextFile(new URL(folder + name, ROOT));
    }
  }
  return text;
}

/** Every code that an error of the programs can have: where one is made, and the types that list them. */
function errorCodes(text: string): string[] {
  const made = /(?:new (?:Parley|Relay|Check|Profile)Error|super)\(\s*"([a-z0-9-]+)"/g;
  const codes = Array.from(text.matchAll(made), ([, code]) => code!);
  for (const [, list] of text.matchAll(/export type \w*Code =([^;]+);/g)) {
    codes.push(...Array.from(list!.matchAll(/"([a-z0-9-]+)"/g), ([, code]) => code!));
  }
  return [...new Set(codes)].sort();
}

Deno.test("errorCodes() finds them where they are made and where they are listed", () => {
  const text = `new ParleyError("a", x); throw new CheckError(\n  "b"); super("c-d");
    export type SomeCode =\n  /** X. */\n  | "e"\n  | "f";`;
  assertEquals(errorCodes(text), ["a", "b", "c-d", "e", "f"]);
});

Deno.test({
  name: "docs/SCRIPTING.md and the schema list every error code that the code has, and no other",
  ignore: !granted("read"),
  async fn() {
    const programs = ["client.ts", "server.ts", "verify.ts"];
    const texts = programs.map((path) => Deno.readTextFile(new URL(path, ROOT)));
    const codes = errorCodes((await Promise.all(texts)).join("\n") + await programText());
    assertEquals([...schema.$defs.errorCode.enum].sort(), codes);
    assertEquals((await firstColumn("Error codes")).sort(), codes);
  },
});

Deno.test({
  name: "docs/SCRIPTING.md lists every event and every exit code",
  ignore: !granted("read"),
  async fn() {
    assertEquals((await firstColumn("Events")).sort(), [...EVENT_NAMES].sort());
    const codes = Object.values(EXIT).map(String);
    assertEquals(await firstColumn("Exit codes"), codes);
    assertEquals(CLIENT.exits.map(([code]) => String(code)), codes);
  },
});

Deno.test("docs/events.schema.json describes each event by its name, and no other", () => {
  const refs = schema.oneOf.map(({ $ref }) => $ref.replace("#/$defs/", ""));
  assertEquals(refs.sort(), [...EVENT_NAMES].sort());
  for (const name of EVENT_NAMES) {
    const described = (SCHEMA.$defs as Record<string, Schema>)[name]!;
    assertEquals((described.properties as Record<string, Schema>).event, { const: name });
    assert((described.required as string[]).includes("event"));
    assertEquals(described.additionalProperties, false);
  }
});

Deno.test("docs/events.schema.json refuses what is no event", () => {
  const bad: unknown[] = [
    null,
    [],
    {},
    { event: "nothing" },
    { event: "verified", more: 1 },
    { event: "delivered" },
    { event: "delivered", count: -1 },
    { event: "delivered", count: "1" },
    { event: "error", code: "no-such-code", message: "x" },
    { event: "peer-left", clean: true, undelivered: [1] },
  ];
  for (const value of bad) assert(!isValid(value, SCHEMA), JSON.stringify(value));
});

/** Which test below sees to it that which events are written and described. */
const SHOWN = {
  script: [
    ...["invite", "waiting", "step", "explain", "secure", "safety", "verified", "sent"],
    ...["queued", "message", "delivered", "exported", "refused", "peer-finished"],
  ],
  classic: ["warning", "insecure"],
  strangers: ["error"],
  accidents: [
    ...["gap", "not-sent", "peer-left", "disconnected", "reconnected", "peer-away", "lost"],
    ...["code-spent"],
  ],
  files: ["file-offered", "file-progress", "file-received", "file-sent", "file-stopped"],
  full: ["file-held"],
  profiles: ["trust", "key-changed"],
};

Deno.test("each event is written by a test of this file", () => {
  assertEquals(Object.values(SHOWN).flat().sort(), [...EVENT_NAMES].sort());
});

/** Asserts that these events are among those that were written. */
function assertShown(all: Json[], names: string[]): void {
  const seen = new Set(all.map(({ event }) => event));
  for (const name of names) assert(seen.has(name), name);
}

/** Events that take an accident, in memory. */
async function accidents(): Promise<ConversationEvent[]> {
  const relay = new FakeRelay();
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  await Promise.all([a.view.until("secure"), b.view.until("secure")]);
  for (const { conversation, delivery } of [a, b]) await conversation.until(() => delivery.ready);
  relay.lost.add("message");
  a.conversation.say("lost");
  await a.view.until("sent");
  relay.lost.clear();
  a.conversation.say("held back");
  await b.view.until("gap");
  await b.conversation.close();
  await a.view.until("peer-left");
  a.conversation.say("for Bob");
  const c = relay.join("carol");
  await a.view.until("not-sent");
  c.drop();
  c.comeBack();
  await a.view.until("secure", 3);
  return [
    ...[...a.view.events, ...b.view.events, ...c.view.events],
    { type: "lost", from: 1, to: 3 },
  ];
}

/** A peer that leaves between the two proofs of an invite code. */
async function spentCode(): Promise<ConversationEvent[]> {
  const relay = new FakeRelay();
  relay.lost.add("SECURE");
  const code = { handshake: { code: "7-calm-harbor-lantern" } };
  const [a] = [relay.join("alice", code), relay.join("bob", code)];
  const isComputed = () => a.view.all("step").some(({ step }) => step === "secret-computed");
  await a.conversation.until(isComputed);
  await a.conversation.close();
  return a.view.events;
}

/** Lines of JSON, as `--json` writes them. */
function jsonLines(shown: ConversationEvent[]): string {
  const lines: string[] = [];
  const view = new JsonView((line) => lines.push(line));
  for (const event of shown) view.show(event);
  return lines.join("\n");
}

Deno.test("docs/events.schema.json describes the events of accidents", async () => {
  const shown = [...await accidents(), ...await spentCode()];
  assertShown(events(jsonLines(shown)), SHOWN.accidents);
});

Deno.test("docs/events.schema.json describes the events of profiles", async () => {
  const relay = new FakeRelay();
  const [a] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  const { facts } = a.view.all("secure")[0]!;
  const { peerFingerprint, ownFingerprint } = facts;
  const trust = { state: "known", contact: "bob", firstSeen: 1 } as const;
  const change = {
    contact: "bob",
    knownFingerprint: ownFingerprint,
    peerFingerprint,
    wasVerified: true,
    firstSeen: 1,
    lastSeen: 2,
    invited: false,
  };
  const shown: ConversationEvent[] = [];
  const stream = new EventStream();
  stream.subscribe((event) => shown.push(event));
  for (const judgement of [{ type: "admit", trust }, { type: "ask", change }] as const) {
    const keeper = {
      judge: () => Promise.resolve(judgement),
      accept: () => Promise.resolve(trust),
      verify: () => Promise.resolve(true),
    };
    const options = { keeper, requireVerified: false, canAsk: false, events: stream };
    await new Admission(options).admit(facts);
  }
  assertShown(events(jsonLines(shown)), SHOWN.profiles);
});

Deno.test({
  name:
    "--json-input: a script invites, verifies, says, exports and finishes; each event is in the schema",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    await using relay = await startRelayProcess();
    const args = ["--server", relay.url, "--json-input"];
    await using a = startIn({ cwd: folder.path }, "client", ...args, "--invite", "--explain");
    const { code } = await until(a.lines, "invite");
    await using b = startClient(...args, "--join");
    await b.write(`{"join":"${code}"}\n`);
    const { safetyNumber } = await until(b.lines, "secure");
    await b.write('{"verify":true}\n');
    await until(b.lines, "safety");
    await a.write(`{"verify":"${safetyNumber}"}\n{"say":"one\\ntwo"}\n{"say":"three"}\n`);
    await until(b.lines, "message");
    await until(b.lines, "message");
    await a.write('{"export":"talk.json"}\n{"say":1}\n{"finish":true}\n{"say":"never read"}\n');
    const other = await b.finish();
    const one = await a.finish();
    assertEquals([one.code, other.code], [1, 0], one.stdout);
    const [mine, theirs] = [events(one.stdout), events(other.stdout)];
    assertEquals(named(theirs, "message").map(({ text }) => text), ["one\ntwo", "three"]);
    assertEquals(named(mine, "verified").length, 1);
    assertEquals(named(mine, "refused").map(({ code }) => code), ["bad-input"]);
    const [{ path }] = named(mine, "exported") as [{ path: string }];
    assertStringIncludes(await Deno.readTextFile(`${folder.path}/${path}`), "three");
    assertShown([...mine, ...theirs], SHOWN.script);
  },
});

Deno.test({
  name:
    "--json-input: a script sends files, another takes one and refuses one; each event is in the schema",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using sender = await tempDir();
    await using receiver = await tempDir();
    await Deno.mkdir(`${sender.path}/outbox`);
    await using relay = await relayWorld();
    const args = ["--server", relay.url, "--json-input"];
    await using a = startIn({ cwd: sender.path }, "client", ...args);
    await using b = startIn({ cwd: receiver.path }, "client", ...args);
    const content = crypto.getRandomValues(new Uint8Array(60_000));
    await Deno.writeFile(`${sender.path}/outbox/one.bin`, content);
    await Deno.writeFile(`${sender.path}/outbox/two.bin`, content.subarray(1));
    await a.write('{"send-file":"outbox/one.bin"}\n');
    const { id, name, bytes } = await until(b.lines, "file-offered");
    assertEquals([name, bytes], ["one.bin", content.length]);
    await b.write(`{"accept":"${id}"}\n`);
    assertEquals((await until(b.lines, "file-received")).path, "received/one.bin");
    assertEquals(await Deno.readFile(`${receiver.path}/received/one.bin`), content);
    await a.write('{"send-file":"outbox/two.bin"}\n{"send-file":"outbox/none"}\n');
    await b.write(`{"refuse":"${(await until(b.lines, "file-offered")).id}"}\n`);
    const [one, other] = await Promise.all([a.finish(), b.finish()]);
    // What it offered was not taken, and what it should have offered is not there.
    assertEquals([one.code, other.code], [1, 0], one.stdout);
    const [mine, theirs] = [events(one.stdout), events(other.stdout)];
    assertShown([...mine, ...theirs], SHOWN.files);
    assertEquals(named(mine, "file-stopped").map(({ code }) => code), ["file-refused"]);
    assertEquals(named(mine, "refused").map(({ code }) => code), ["cannot-read"]);
    assertEquals((await Array.fromAsync(Deno.readDir(`${receiver.path}/received`))).length, 1);
  },
});

Deno.test({
  name: "--send-file FILE --wait leaves when the other side has it, and --accept-files takes it",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using sender = await tempDir();
    await using receiver = await tempDir();
    const path = `${sender.path}/über 你好.txt`;
    await Deno.writeTextFile(path, "");
    await using relay = await relayWorld();
    const args = ["--server", relay.url];
    await using b = startIn({ cwd: receiver.path }, "client", ...args, "--accept-files");
    const one = await runClient([...args, "--send-file", path, "--wait"]);
    const other = await b.finish();
    assertEquals([one.code, other.code], [0, 0], one.stderr + other.stderr);
    assertEquals(await Deno.readTextFile(`${receiver.path}/received/über 你好.txt`), "");
  },
});

Deno.test({
  name: "a pipe that was not told to take files refuses them",
  ignore: !granted("net") || !canWriteTemp,
  async fn() {
    await using sender = await tempDir();
    await Deno.writeTextFile(`${sender.path}/a.txt`, "a");
    await using relay = await relayWorld();
    const args = ["--server", relay.url];
    const [one, other] = await Promise.all([
      runClient([...args, "--send-file", `${sender.path}/a.txt`, "--wait"]),
      runClient(args),
    ]);
    assertEquals([one.code, other.code], [1, 0]);
  },
});

Deno.test("docs/events.schema.json describes a file that is held, by whomever", () => {
  const id = "0".repeat(32);
  const held: ConversationEvent[] = [
    { type: "file-held", id, by: "you" },
    { type: "file-held", id, by: "peer" },
    { type: "file-held", id, by: "disk", code: "disk-full", message: "make room" },
  ];
  assertShown(events(jsonLines(held)), SHOWN.full);
});

test("--classic --json warns, and the schema has its events", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--json", "--classic"];
  await using a = startClient(...args);
  await using b = startClient(...args);
  await Promise.all([until(a.lines, "insecure"), until(b.lines, "insecure")]);
  const { stdout } = await a.finish();
  assertShown(events(stdout), SHOWN.classic);
});

test("--json writes an error of the command line as an event, and exits with its code", async () => {
  const { code, stdout, stderr } = await runClient(["--json", "--room", "a b"]);
  assertEquals([code, stderr], [2, ""]);
  assertEquals(events(stdout).map(({ event, code }) => [event, code]), [["error", "usage"]]);
});

test("--json-input: digits that differ end it with 3, and nothing after them is said", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url];
  const script = `{"verify":"${"12345 ".repeat(12)}"}\n{"say":"a secret"}\n`;
  const [a, b] = await Promise.all([
    runClient([...args, "--json-input"], script),
    runClient([...args, "--json"]),
  ]);
  assertEquals(a.code, 3, a.stdout);
  assertShown(events(a.stdout), SHOWN.strangers);
  assertEquals(named(events(a.stdout), "error").map(({ code }) => code), ["unverified"]);
  assertEquals(named(events(b.stdout), "message"), []);
});

test("--require-verified sends a stranger nothing, not even the lines that were waiting, and exits 3", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url];
  await using a = startClient(...args, "--json", "--require-verified");
  await until(a.lines, "waiting");
  await a.write("a secret\nanother\n");
  await using b = startClient(...args, "--json");
  const [one, other] = await Promise.all([a.ended(), b.ended()]);
  assertEquals(one.code, 3, one.stdout);
  const { code, message } = named(events(one.stdout), "error")[0]!;
  assertEquals(code, "unverified");
  assertStringIncludes(String(message), "--invite");
  assertEquals(named(events(one.stdout), "secure"), []);
  assertEquals(named(events(other.stdout), "message"), []);
  const log = relay.log.join("\n");
  assertStringIncludes(log, "event=SECURE ");
  // A side without the check reports where it left off, which is nothing; the one with it sends nothing at all.
  const messages = log.match(/relayed event=message /g) ?? [];
  assert(messages.length <= 1, "nothing but the handshake and one hello crossed");
});

/** A one-shot, and what became of it. */
function oneShot(url: string, ...more: string[]): Promise<Finished> {
  return runClient(["--server", url, "--send", "the backup is done", "--wait", ...more]);
}

test("--send TEXT --wait says it, leaves when it is delivered, and exits 0", async () => {
  await using relay = await relayWorld();
  await using b = startClient("--server", relay.url);
  const a = await oneShot(relay.url, "--json");
  assertEquals(a.code, 0, a.stdout);
  assertEquals(named(events(a.stdout), "delivered").length > 0, true);
  const heard = await b.ended();
  assertEquals([heard.code, heard.stdout], [0, "the backup is done\n"], heard.stderr);
});

test("--send TEXT --wait --timeout exits 1 when nobody comes", async () => {
  await using relay = await relayWorld();
  const { code, stdout } = await oneShot(relay.url, "--timeout", "1", "--json");
  assertEquals(code, 1);
  assertEquals(named(events(stdout), "error").map(({ code }) => code), ["timeout"]);
});

test("--send TEXT without --wait comes before the input; --ascii shows what is not ASCII by its number, and escapes it in JSON", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--ascii"];
  const [a, b] = await Promise.all([
    runClient([...args, "--json", "--send", "first"], "你 ok\n"),
    runClient(args),
  ]);
  assertEquals(b.stdout, "first\n<U+4F60> ok\n");
  assertMatch(a.stdout, /"text":"\\u4f60 ok"/);
  assertEquals(named(events(a.stdout), "sent").map(({ text }) => text), ["first", "你 ok"]);
});

Deno.test({
  name:
    "settings come from the flag, the environment and the file, which has to be one that may be read",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    await using relay = await relayWorld();
    const path = `${folder.path}/config.json`;
    const permissions = [`--allow-read=${path}`];
    await Deno.writeTextFile(path, JSON.stringify({ server: relay.url, room: "file" }));
    const env = { PARLEY_CONFIG: path, PARLEY_ROOM: "env" };
    const args = ["--json", "--room", "flag"];
    await using client = startIn({ env, permissions }, "client", ...args);
    assertEquals((await until(client.lines, "waiting")).room, "flag");
    await using hidden = startIn({}, "client", "--config", path);
    const { code, stderr } = await hidden.finish();
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--allow-read");
  },
});

Deno.test({
  name:
    "the configuration file of the platform's folder is read where that is allowed, and else passed over",
  ignore: !canRun || !canWriteTemp || Deno.build.os === "windows",
  async fn() {
    await using folder = await tempDir();
    const file = `${folder.path}/parley/config.json`;
    await Deno.mkdir(`${folder.path}/parley`);
    await Deno.writeTextFile(file, '{"colour": "never"}');
    const env = { XDG_CONFIG_HOME: folder.path };
    const permissions = [`--allow-read=${file}`];
    await using seen = startIn({ env, permissions }, "client", "--server", "http://127.0.0.1:1");
    assertStringIncludes((await seen.finish()).stderr, '"colour" in ');
    await using unseen = startIn({ env }, "client", "--server", "http://127.0.0.1:1");
    assertStringIncludes((await unseen.finish()).stderr, "cannot reach a relay");
  },
});

/**
 * An exporter who lies. Alice holds her own key, so she seals whatever she likes, signs her own statements anew,
 * and numbers the lines as they have to be. What Bob said she can't change, move or answer differently.
 */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import { sha256 } from "../../lib/crypto/hash.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { MAX_TEXT_BYTES, MAX_UNSIGNED } from "../../lib/protocol/constants.ts";
import {
  type HandshakeTranscript,
  otherRole,
  type Role,
  sessionIdOf,
} from "../../lib/protocol/key_schedule.ts";
import { hashStatement, signStatement, type Statement } from "../../lib/protocol/statement.ts";
import {
  type TranscriptEntry,
  TranscriptError,
  verifyTranscript,
  writeTranscript,
} from "../../lib/protocol/transcript.ts";
import { GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import {
  EPOCH,
  identityOf as keyOf,
  type Name,
  SessionPair,
  SMALL_GROUP,
} from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { secureFacts, signShare } from "./recording.ts";

const random = seededRandom("forger");

/** In the small group: the arithmetic has its own tests. */
const identityOf = (name: Name) => keyOf(name, SMALL_GROUP);

/** An entry as both sides know it. */
type Entry = TranscriptEntry & { readonly statement: Statement };

/** What a forger starts from: everything that Alice has. */
interface Material {
  readonly handshake: HandshakeTranscript;
  readonly roles: Readonly<Record<Name, Role>>;
  readonly entries: readonly Entry[];
}

/** What was said: who, and what. */
const SCRIPT: readonly [Name, ...string[]][] = [
  ["alice", "Shall we meet?"],
  ["bob", "Yes."],
  ["alice", "Did you take it?", "Be honest."],
  ["bob", "No."],
  ["alice", "Good."],
];

/** The conversation, as Alice saw it. */
async function converse(): Promise<Material> {
  const conversation = SessionPair.of({}, "forgery", SMALL_GROUP);
  await conversation.meet();
  const { transcript: handshake, role: alice } = secureFacts(conversation.effects.alice);
  const bob = otherRole(alice);
  const entries: Entry[] = [];
  for (const [name, ...texts] of SCRIPT) {
    await conversation.say(name, ...texts);
    await conversation.run();
    for (const effect of conversation.effects.alice.splice(0)) {
      if (effect.type === "said") entries.push({ sender: alice, statement: effect.statement });
      if (effect.type === "message") entries.push({ sender: bob, statement: effect.statement });
    }
  }
  return { handshake, roles: { alice, bob }, entries };
}

const material = await converse();
const { roles } = material;

/** Lines without the seal: a header, and statements as JSON objects. */
async function linesOf(
  entries: readonly TranscriptEntry[],
  handshake = material.handshake,
): Promise<string[]> {
  const conversation = { handshake, exporter: roles.alice, names: { low: "", high: "" }, entries };
  const text = await writeTranscript(conversation, identityOf("alice"), random);
  return text.trimEnd().split("\n").slice(0, -1);
}

/** Numbers lines anew, seals them with Alice's key, and verifies. */
async function verifySealed(lines: readonly string[]) {
  const numbered = lines.map((line, i) =>
    i === 0 ? line : JSON.stringify({ ...JSON.parse(line), line: i + 1 })
  );
  const body = numbered.map((line) => `${line}\n`).join("");
  const signature = await identityOf("alice").sign(
    "parley-1 export signature",
    await sha256(utf8(body)),
    random,
  );
  const seal = JSON.stringify({ statements: lines.length - 1, signature: signature.toBase64() });
  return await verifyTranscript(utf8(`${body}${seal}\n`), SMALL_GROUP);
}

/** The line at which a sealed forgery is found out. */
async function faultOf(lines: readonly string[]): Promise<number> {
  const error = await assertRejects(() => verifySealed(lines));
  assertInstanceOf(error, TranscriptError);
  return error.line;
}

/** A line with other fields. */
function changed(line: string, fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(line), ...fields });
}

const lines = await linesOf(material.entries);

/** The first line of somebody's, from `from` on, counted from 0. */
function lineOf(name: Name, from = 1): number {
  return lines.findIndex((line, i) => i >= from && JSON.parse(line).sender === roles[name]);
}

Deno.test("verifySealed() of these tests seals as writeTranscript() does", async () => {
  const { counts } = await verifySealed(lines);
  assertEquals([counts[roles.alice], counts[roles.bob]], [4, 2]);
  assertEquals(lines.map((line) => JSON.parse(line).text), [
    undefined,
    ...SCRIPT.flatMap(([, ...texts]) => texts),
  ]);
});

Deno.test("a lying exporter can't put an answer before its question, or after another one", async () => {
  // Each of them answers the one above, or follows it in its chain: no neighbours can change places.
  for (let i = 1; i + 1 < lines.length; i++) {
    const swapped = lines.with(i, lines[i + 1]!).with(i + 1, lines[i]!);
    assertEquals(await faultOf(swapped), i + 1);
  }
});

/** Alice's statements with other words, signed anew; Bob's as they are. */
async function rewritten(texts: readonly string[]): Promise<TranscriptEntry[]> {
  const sessionId = await sessionIdOf(material.handshake);
  const heads: Record<Role, Bytes[]> = { low: [sessionId], high: [sessionId] };
  const entries: TranscriptEntry[] = [];
  const words = [...texts];
  for (const { sender, statement } of material.entries) {
    const name = sender === roles.alice ? "alice" : "bob";
    const answered = heads[otherRole(sender)][statement.seen]!;
    const own = name === "alice";
    const body = own ? utf8(words.shift()!) : statement.body;
    const next = { ...statement, body, previous: own ? heads[sender].at(-1)! : statement.previous };
    const hash = await hashStatement(sessionId, identityOf(name).publicKey, next, answered);
    const signature = own
      ? await signStatement(identityOf(name), hash, random)
      : statement.signature;
    heads[sender].push(hash);
    entries.push({ sender, statement: { ...next, signature } });
  }
  return entries;
}

Deno.test("a lying exporter can't put another question before a true answer", async () => {
  const same = ["Shall we meet?", "Did you take it?", "Be honest.", "Good."];
  await verifySealed(await linesOf(await rewritten(same)));
  for (let i = 0; i < 3; i++) {
    const forged = await linesOf(await rewritten(same.with(i, "Was it Carol?")));
    const found = await faultOf(forged);
    // It shows where Bob signed what he answers: at the first of his lines behind the changed one.
    assertEquals(found, 1 + lineOf("bob", [1, 3, 3][i]));
  }
  // Her last words nobody has answered: those are hers to choose.
  await verifySealed(await linesOf(await rewritten(same.with(3, "Liar!"))));
});

Deno.test("a lying exporter can't say that an answer was to more, or to less, than it was", async () => {
  const answer = lineOf("bob", 3);
  const { seen } = JSON.parse(lines[answer]!);
  assertEquals(seen, 3);
  for (const other of [0, 2, 4, -1, "3"]) {
    const fault = await faultOf(lines.with(answer, changed(lines[answer]!, { seen: other })));
    assertEquals(fault, answer + 1);
  }
});

Deno.test("a lying exporter can't say of herself that she answered what is not there, or went back", async () => {
  const sessionId = await sessionIdOf(material.handshake);
  const { statement } = material.entries.at(-1)!;
  const bobs = lines.slice(1).map((line) => JSON.parse(line))
    .filter(({ sender }) => sender === roles.bob)
    .map(({ hash }) => Uint8Array.fromBase64(hash));
  const heads = [sessionId, ...bobs];
  const alice = identityOf("alice");
  const withSeen = async (seen: number) => {
    const answered = heads[seen] ?? heads.at(-1)!;
    const hash = await hashStatement(sessionId, alice.publicKey, { ...statement, seen }, answered);
    const signature = (await signStatement(alice, hash, random)).toBase64();
    return lines.with(-1, changed(lines.at(-1)!, { seen, hash: hash.toBase64(), signature }));
  };
  assertEquals(statement.seen, 2);
  // The statement before answers one: she may say that she had read no more. It is her own reading.
  await verifySealed(await withSeen(1));
  for (const seen of [0, 3]) assertEquals(await faultOf(await withSeen(seen)), lines.length);
});

Deno.test("a lying exporter can't write more than a statement may hold", async () => {
  const words = ["Shall we meet?", "Did you take it?", "Be honest."];
  const longest = "x".repeat(MAX_TEXT_BYTES);
  await verifySealed(await linesOf(await rewritten([...words, longest])));
  const longer = await linesOf(await rewritten([...words, `${longest}x`]));
  assertEquals(await faultOf(longer), lines.length);
});

Deno.test("a lying exporter can't leave out, change or re-date anything of Bob's, or sign for him", async () => {
  for (const at of [lineOf("bob"), lineOf("bob", 3)]) {
    assertEquals(await faultOf(lines.toSpliced(at, 1)), at + 1);
    if (at > 2) continue;
    const line = JSON.parse(lines[at]!);
    for (
      const fields of [
        { text: `${line.text}!` },
        { time: new Date(Date.parse(line.time) + 1).toISOString() },
        { kind: "end", text: "" },
        { sender: roles.alice },
        { hash: new Uint8Array(32).toBase64() },
        { signature: new Uint8Array(768).toBase64() },
      ]
    ) {
      assertEquals(await faultOf(lines.with(at, changed(lines[at]!, fields))), at + 1);
    }
  }
});

Deno.test("a lying exporter can take away a signature only where a later one covers the same", async () => {
  const [first, last] = [lineOf("bob"), lineOf("bob", 3)];
  const { counts } = await verifySealed(
    lines.with(first, changed(lines[first]!, { signature: null })),
  );
  assertEquals(counts[roles.bob], 2);
  assertEquals(
    await faultOf(lines.with(last, changed(lines[last]!, { signature: null }))),
    last + 1,
  );
});

Deno.test("a lying exporter can only stop early: what is left is a beginning, and says so by its counts", async () => {
  const kept: number[] = [];
  for (let length = 1; length <= lines.length; length++) {
    try {
      const { counts } = await verifySealed(lines.slice(0, length));
      assertEquals(counts.low + counts.high, length - 1);
      kept.push(length);
    } catch (error) {
      assertInstanceOf(error, TranscriptError);
    }
  }
  // Not behind line 4: its signature came with the next line of the burst.
  assertEquals(kept, [1, 2, 3, 5, 6, 7]);
});

Deno.test("a lying exporter can't leave 1024 statements, or a goodbye, without a signature", async () => {
  const sessionId = await sessionIdOf(material.handshake);
  let previous: Bytes = sessionId;
  const entries: TranscriptEntry[] = [];
  const add = async (count: number, sign: boolean, changes: Partial<Statement> = {}) => {
    for (let i = 0; i < count; i++) {
      const statement = {
        sequence: entries.length,
        seen: 0,
        time: EPOCH,
        kind: "text",
        body: utf8("x"),
        ...changes,
        previous,
      } as const;
      const hash = await hashStatement(
        sessionId,
        identityOf("alice").publicKey,
        statement,
        sessionId,
      );
      const signature = sign ? await signStatement(identityOf("alice"), hash, random) : null;
      entries.push({ sender: roles.alice, statement: { ...statement, signature } });
      previous = hash;
    }
  };
  await add(MAX_UNSIGNED - 1, false);
  await add(1, true);
  await verifySealed(await linesOf(entries));
  await add(MAX_UNSIGNED, false);
  await add(1, true);
  assertEquals(await faultOf(await linesOf(entries)), 1 + 2 * MAX_UNSIGNED);
  // A goodbye alone, and unsigned.
  previous = sessionId;
  entries.length = 0;
  await add(1, true, { kind: "end", body: utf8("") });
  const [header, goodbye] = await linesOf(entries);
  await verifySealed([header!, goodbye!]);
  assertEquals(await faultOf([header!, changed(goodbye!, { signature: null })]), 2);
});

Deno.test("a lying exporter can't exchange the roles, or show a share outside the group", async () => {
  const { helloLow, helloHigh, shareLow, shareHigh } = material.handshake;
  const exchanged = {
    helloLow: helloHigh,
    helloHigh: helloLow,
    shareLow: shareHigh,
    shareHigh: shareLow,
  };
  assertEquals(await faultOf(await linesOf([], exchanged)), 1);
  const own = roles.alice === "low"
    ? { hello: helloLow, other: helloHigh, name: "shareLow", bytes: shareLow }
    : { hello: helloHigh, other: helloLow, name: "shareHigh", bytes: shareHigh };
  const outside = { ...parseShareMessage(own.bytes), share: i2osp(5n, GROUP.elementBytes) };
  const share = await signShare(identityOf("alice"), own.hello, own.other, outside);
  assertEquals(await faultOf(await linesOf([], { ...material.handshake, [own.name]: share })), 1);
  // With a share that is one, signed anew, the handshake holds: it is her own to make.
  const again = await signShare(
    identityOf("alice"),
    own.hello,
    own.other,
    parseShareMessage(own.bytes),
  );
  await verifySealed(await linesOf([], { ...material.handshake, [own.name]: again }));
});

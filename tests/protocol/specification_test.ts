/**
 * Holds docs/PROTOCOL.md and lib/ to specification.json: the test values of the page, its minimal conversation, and
 * its negative vectors. A second implementation made them from the page alone (vectors/generate_specification.py).
 */
import { assert, assertEquals } from "@std/assert";
import { type Bytes, concatBytes, fromUtf8, utf8 } from "../../lib/crypto/bytes.ts";
import { challenge, SigningKey, VerifyingKey } from "../../lib/crypto/elgamal.ts";
import { hkdf, sha256, taggedHash } from "../../lib/crypto/hash.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { type Kem, type KemKeyPair, mlKem768 } from "../../lib/crypto/kem.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { type Random, systemRandom } from "../../lib/crypto/random.ts";
import { rfc6979Nonce } from "../../lib/crypto/rfc6979.ts";
import { type BoxKey, boxKey, sealBox } from "../../lib/crypto/secret_box.ts";
import { ParleyError } from "../../lib/errors.ts";
import {
  type BundleItem,
  encodeBundle,
  isStatement,
  parseBundle,
} from "../../lib/protocol/bundle.ts";
import { messageBoxKey, NO_SECRET, rootStep, stepChain } from "../../lib/protocol/chains.ts";
import {
  type Channel,
  openChannel,
  receiveMessage,
  sendItems,
} from "../../lib/protocol/channel.ts";
import * as constants from "../../lib/protocol/constants.ts";
import { cpaceGenerator } from "../../lib/protocol/cpace.ts";
import type { OwnItem } from "../../lib/protocol/effects.ts";
import { safetyNumber, safetyPicture, safetyWords } from "../../lib/protocol/fingerprint.ts";
import { frameKeys, sealFrame } from "../../lib/protocol/frame.ts";
import {
  type Environment,
  type Established,
  type HandshakeMessage,
  receiveHandshake,
  startHandshake,
} from "../../lib/protocol/handshake.ts";
import { encryptHeader, sealEnvelope } from "../../lib/protocol/header.ts";
import { deriveKeys, otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import { encodeOffer, parseOffer } from "../../lib/protocol/offer.ts";
import { pad, padmeLength } from "../../lib/protocol/padding.ts";
import { type Ratchet, ratchetEncrypt, startRatchet } from "../../lib/protocol/ratchet.ts";
import { advance, newSession, type Session } from "../../lib/protocol/session.ts";
import { hashStatement } from "../../lib/protocol/statement.ts";
import {
  type TranscriptEntry,
  verifyTranscript,
  writeTranscript,
} from "../../lib/protocol/transcript.ts";
import { ADJECTIVES, NOUNS } from "../../lib/protocol/words.ts";
import { ENVELOPE_PREFIX, GROUP, parseHello } from "../../lib/protocol/wire.ts";
import { hashLeaf, HashTree, verifyLeaf } from "../../lib/transfer/hash_tree.ts";
import type { TransferInput } from "../../lib/transfer/machine.ts";
import { Windows } from "../../lib/transfer/windows.ts";
import type { PeerEvent } from "../../lib/relay/wire_events.ts";
import { heavyTest } from "../helpers/permissions.ts";
import specification from "../vectors/specification.json" with { type: "json" };

const { sections, conversations: { minimal, deniable }, file, refused } = specification;
type Told = typeof minimal | typeof deniable;
const START = 1_764_300_000_000;

const hex = (text: string): Bytes => Uint8Array.fromHex(text) as Bytes;
const toHex = (bytes: Uint8Array): string => bytes.toHex();
/** n times one byte, as the page writes `0b*32`. */
const times = (byte: number, n: number): Bytes => new Uint8Array(n).fill(byte);
const hash = async (bytes: Uint8Array): Promise<string> => toHex(await sha256(bytes));
const element = (n: bigint): Bytes => i2osp(n, 384);

// The page.

const page = (): Promise<string> =>
  Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));

/** Every text in a value. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (value instanceof Object) {
    for (const part of Object.values(value)) {
      yield* textsIn(part);
    }
  }
}

heavyTest("docs/PROTOCOL.md has every value of specification.json that is short", async () => {
  const text = await page();
  const { messages, steps, low, high, statements, keys, sessionId } = minimal;
  const values = [...textsIn(sections)];
  values.push(...textsIn([statements, keys.root, sessionId]));
  values.push(...steps.flatMap(({ u, root, chain }) => [u, root, chain]));
  for (const { messageKey, headerIv, iv, envelope } of messages) {
    values.push(messageKey, headerIv, iv, await hash(hex(envelope)));
  }
  for (const { hello, share, confirmation } of [low, high]) {
    for (const payload of [hello, share, confirmation]) values.push(await hash(hex(payload)));
  }
  for (const value of values) assert(text.includes(value), `not in the page: ${value}`);
  assertEquals(values.length, 115);
  for (const [length, padded] of sections[12].lengths) {
    assert(
      new RegExp(`\\b${length} → ${padded}\\b`).test(text),
      `not in the page: Padme(${length})`,
    );
  }
});

heavyTest(
  "docs/PROTOCOL.md has the constants and words of lib/protocol, and every row of its checks is tried",
  async () => {
    const text = await page();
    const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| ([\d,]+)(?: ms)? \|/gm)];
    const table = new Map(
      rows.map(([, name, value]) => [name!, Number(value!.replaceAll(",", ""))]),
    );
    for (const [name, value] of Object.entries(constants)) {
      assertEquals(table.get(name), value, name);
    }
    const [, ...lists] = text.slice(text.indexOf("## Appendix A")).split("```\n");
    assertEquals([lists[0], lists[2]].map((list) => list!.split(/\s+/).filter(Boolean)), [
      ADJECTIVES,
      NOUNS,
    ]);
    const tried = new Set(refused.map(({ row }) => row));
    const checks = [...text.matchAll(/^\| ([RBF]\d+) \|/gm)].map(([, row]) => row!);
    for (
      const [section, name] of [["5.2", "Checks on a hello"], ["5.5", "Checks on a share"], [
        "5.7",
        "Checks on a",
      ]]
    ) {
      const [, table] = text.split(`### ${section} ${name}`);
      const numbers = [...table!.split("###")[0]!.matchAll(/^\| (\d) \|/gm)].map(([, row]) => row!);
      checks.push(...numbers.map((row) => `${section} ${row}`));
    }
    assertEquals(checks.length, 43);
    // R7 and R9 check nothing.
    assertEquals(checks.filter((row) => !tried.has(row)), ["R7", "R9"]);
  },
);

// The sections.

heavyTest("lib computes the test values of sections 2 to 9", async () => {
  const { 2: notation, 3: group, 4: relay, 6: signing, 8: cpace, 9: schedule } = sections;
  const node = (a: string, b: string) => taggedHash("parley-1 file node", utf8(a), utf8(b));
  assertEquals(toHex(await node("a", "bc")), notation.hash);
  assertEquals(toHex(await node("ab", "c")), notation.hashOtherwiseCut);
  const digits = utf8("parley-1 digits");
  assertEquals(toHex(await hkdf(times(1, 32), times(2, 32), digits, 60)), notation.hkdf);
  const { p, g } = GROUP;
  assertEquals(await hash(element(p)), group.p);
  assertEquals(await hash(element(modPow(g, 1n << 319n, p))), group.power);

  assertEquals(toHex(await taggedHash("parley-1 room", utf8("ex"))), relay.room);

  const x = times(1, 384);
  x[0] = 0;
  const [context, message, entropy] = [
    "parley-1 statement signature",
    utf8("message"),
    times(2, 32),
  ];
  const key = SigningKey.restore(GROUP, x, systemRandom)!;
  const y = key.publicKey.bytes;
  assertEquals(await hash(y), signing.publicKey);
  const digest = await taggedHash("parley-1 elgamal nonce", utf8(context), message);
  assertEquals(toHex(digest), signing.digest);
  assertEquals(
    await hash(element(await rfc6979Nonce(GROUP.q, os2ip(x), digest, entropy))),
    signing.k,
  );
  const draws = scripted({ 32: [entropy] });
  const signature = await key.sign(context, message, draws);
  assertEquals(await hash(signature), signing.signature);
  const r = os2ip(signature.subarray(0, 384));
  assertEquals(toHex(i2osp(await challenge(GROUP, context, os2ip(y), r, message), 32)), signing.h);

  const [low, high] = [deniable.low.hello, deniable.high.hello].map(hex);
  const base = await cpaceGenerator(GROUP, deniable.code, low!, high!);
  assertEquals(await hash(element(base)), cpace.generator);

  for (const [name, label, length] of SCHEDULE) {
    const secret = concatBytes(times(1, 384), times(2, 32), times(3, 32));
    assertEquals(toHex(await hkdf(secret, times(11, 32), utf8(label), length)), schedule[name]);
  }
});

/** The labels of section 9. */
const SCHEDULE = [
  ["confirmationLow", "parley-1 confirmation low", 64],
  ["confirmationHigh", "parley-1 confirmation high", 64],
  ["root", "parley-1 root", 32],
  ["chainHigh", "parley-1 chain high", 32],
  ["header0", "parley-1 header high", 64],
  ["header1", "parley-1 header low", 64],
  ["header2", "parley-1 next header high", 64],
] as const;

heavyTest("lib computes the test values of sections 10 to 12", async () => {
  const { 10: boxes, 11: ratchet, 12: padding } = sections;
  const key = boxKey(times(10, 64));
  const box = await sealBox(key, times(9, 16), utf8("header"), utf8("plaintext"));
  assertEquals(toHex(box), boxes.box);
  const chain = stepChain({ key: hex(sections[9].chainHigh), next: 0 });
  assertEquals([toHex(chain.key), toHex(chain.chain.key)], [ratchet.messageKey, ratchet.nextChain]);
  assertEquals(joined(messageBoxKey(chain.key)), ratchet.boxKey);

  const announcement = (d: number, e: number, c: number) =>
    concatBytes(times(d, 384), times(e, 1184), times(c, 1088));
  const first = await rootStep(times(15, 32), NO_SECRET, announcement(1, 2, 0));
  assertEquals([toHex(first.root), toHex(first.chain)], [ratchet.root1, ratchet.chain1]);
  assertEquals(joined(first.header), ratchet.header3);
  const secret = concatBytes(times(3, 384), times(4, 32));
  const second = await rootStep(first.root, secret, announcement(5, 6, 7));
  assertEquals([toHex(second.root), toHex(second.chain)], [ratchet.root2, ratchet.chain2]);
  assertEquals(joined(second.header), ratchet.header4);

  const headerIv = times(8, 16);
  const plain = { previousLength: 0, number: 0, announcement: announcement(1, 2, 0) };
  const header = await encryptHeader(key, headerIv, plain);
  assertEquals(await hash(header), ratchet.header);
  const authenticated = concatBytes(times(11, 32), ENVELOPE_PREFIX, headerIv, header);
  const inner = messageBoxKey(stepChain({ key: first.chain, next: 0 }).key);
  const sealed = await sealBox(inner, times(9, 16), authenticated, pad(new Uint8Array(16)));
  const envelope = sealEnvelope(key, { headerIv, header, box: sealed });
  assertEquals(toHex(envelope.subarray(9, 41)), ratchet.tag);
  assertEquals(await hash(envelope), ratchet.envelope);

  for (const [length, padded] of padding.lengths) assertEquals(padmeLength(length!), padded);
});

function joined({ cipher, mac }: BoxKey): string {
  return toHex(concatBytes(cipher, mac));
}

heavyTest("lib computes the test values of sections 13 and 14", async () => {
  const sessionId = times(11, 32);
  const y = modPow(GROUP.g, os2ip(times(1, 383)), GROUP.p);
  const speaker = VerifyingKey.parse(GROUP, element(y))!;
  const said = { sequence: 0, seen: 0, time: START, kind: "text", body: utf8("hello") } as const;
  const first = await hashStatement(
    sessionId,
    speaker,
    { ...said, previous: sessionId },
    sessionId,
  );
  assertEquals(toHex(first), sections["13.2"].hash);
  const end = {
    sequence: 1,
    seen: 0,
    time: START + 1,
    kind: "end",
    body: new Uint8Array(),
  } as const;
  const second = await hashStatement(sessionId, speaker, { ...end, previous: first }, sessionId);
  assertEquals(toHex(second), sections["13.2"].second);

  const items: BundleItem[] = [
    { type: "text", seen: 0, time: START, body: utf8("hello") },
    { type: "file-query", id: times(13, 16) },
  ];
  const bundle = { number: 1, received: 2, items, signature: null };
  assertEquals(toHex(encodeBundle(bundle)), sections["13.3"].bundle);
  assertEquals(parseBundle(hex(sections["13.3"].bundle)), bundle);

  const { offer: body } = sections["13.8"];
  assertEquals(encodeOffer(parseOffer(body)), body);
  const tree = sections["13.9"];
  const leaves = await Promise.all(
    [times(1, 131_072), times(2, 131_072), times(3, 1)].map(hashLeaf),
  );
  assertEquals(leaves.map(toHex), [tree.leaf0, tree.leaf1, tree.leaf2]);
  const whole = await HashTree.build(262_145, concatBytes(...leaves));
  assertEquals([toHex(whole.root), whole.proof(2).map(toHex)], [tree.root, [tree.left]]);
  assertEquals(toHex((await HashTree.build(0, new Uint8Array())).root), tree.empty);

  const window = sections["13.10"];
  const offer = { id: times(13, 16), root: times(14, 32), bytes: 262_144 };
  const keys = await frameKeys(sessionId, offer, { key: times(12, 32), from: 0, until: 2 });
  assertEquals([joined(keys.box), toHex(keys.label)], [window.key, window.label]);
  const leaf = { proof: [times(16, 32)], data: new Uint8Array(131_072) };
  assertEquals(await hash(await sealFrame(keys, 0, leaf, () => times(17, 16))), window.frame);

  const { digits, words, picture } = sections[14];
  assertEquals([await safetyWords(digits), await safetyPicture(digits)], [words, picture]);
});

// The minimal conversation.

/** A random source that gives these first, by their length; whatever only blinds is drawn afresh. */
function scripted(draws: Readonly<Record<number, readonly Bytes[]>>): Random {
  const left = new Map(Object.entries(draws).map(([length, each]) => [Number(length), [...each]]));
  return (length) => left.get(length)?.shift() ?? systemRandom(length);
}

/** The bytes from which lib draws this Diffie-Hellman exponent. */
const drawOf = (exponent: string): Bytes => i2osp(os2ip(hex(exponent)) - 1n << 7n, 57);

async function decapsulate(seed: string, ciphertext: Uint8Array): Promise<Bytes> {
  // deno-lint-ignore no-explicit-any -- TypeScript's library does not know key encapsulation yet.
  const subtle = crypto.subtle as any;
  const key = await subtle.importKey("raw-seed", hex(seed), "ML-KEM-768", false, [
    "decapsulateBits",
  ]);
  return new Uint8Array(await subtle.decapsulateBits("ML-KEM-768", key, ciphertext));
}

/** What one side drew, in its order. */
function environmentOf(told: Told, role: Role) {
  const { [role]: own, [otherRole(role)]: other } = told;
  const steps = told.steps.filter(({ owner }) => owner === role);
  const sent = told.messages.filter(({ from }) => from === role);
  const random = scripted({
    16: [own.iv, ...sent.flatMap(({ headerIv, iv }) => [headerIv, iv])].map(hex),
    32: [own.nonce, own.shareEntropy, ...own.statementEntropy].map(hex),
    57: [own.exponent, ...steps.map(({ exponent }) => exponent)].map(drawOf),
  });
  const pairs: KemKeyPair[] = [
    { seed: own.kemSeed, key: own.hello.slice(2 * 426) },
    ...steps.map(({ kemSeed, E }) => ({ seed: kemSeed, key: E })),
  ].map(({ seed, key }) => ({
    publicKey: hex(key),
    decapsulate: (ciphertext) => decapsulate(seed, ciphertext),
  }));
  const secrets = [
    { key: other.hello.slice(2 * 426), c: own.share.slice(2 * 393, 2 * 1481), k: own.kem },
    ...steps.filter(({ index }) => index > 1).map((step) => ({
      key: told.steps[step.index - 2]!.E,
      ...step,
    })),
  ];
  const kem: Kem = {
    generate: () => Promise.resolve(pairs.shift()!),
    encapsulate: (key) => {
      const known = secrets.find((each) => each.key === toHex(key));
      if (known === undefined) return mlKem768.encapsulate(key);
      return Promise.resolve({ ciphertext: hex(known.c), secret: hex(known.k) });
    },
  };
  return { random, kem, now: () => START };
}

function optionsOf(told: Told, role: Role) {
  const { [role]: { identity, name }, deniable, code } = told;
  const key = SigningKey.restore(GROUP, hex(identity), systemRandom)!;
  return { identity: key, name, deniable, code };
}

/** One side after the handshake, whose payloads are those of the vectors. */
async function meet(told: Told, role: Role, environment: Environment): Promise<Established> {
  const { [role]: own, [otherRole(role)]: other } = told;
  let { state, send } = await startHandshake(optionsOf(told, role), environment);
  let established: Established | null = null;
  for (const kind of ["hello", "share", "confirmation"] as const) {
    assertEquals(send.map(({ kind, bytes }) => [kind, toHex(bytes)]), [[kind, own[kind]]]);
    ({ state, send, established } = await receiveHandshake(
      state,
      kind,
      hex(other[kind]),
      environment,
    ));
  }
  return established!;
}

/** The items of a bundle, as our side gives them. */
function ownItems(bundle: string): OwnItem[] {
  return parseBundle(hex(bundle)).items.map((item): OwnItem => {
    if (!isStatement(item)) return item;
    const { type, seen, time, body } = item;
    return { type, seen, time, text: fromUtf8(body) } as OwnItem;
  });
}

/** Lets both sides of lib have a conversation again; what the other's bundles caused, and what was said, in order. */
async function replay(told: Told) {
  const environments = { low: environmentOf(told, "low"), high: environmentOf(told, "high") };
  const established = {
    low: await meet(told, "low", environments.low),
    high: await meet(told, "high", environments.high),
  };
  const channels = { low: openChannel(established.low), high: openChannel(established.high) };
  const identities = {
    low: optionsOf(told, "low").identity,
    high: optionsOf(told, "high").identity,
  };
  const heard: string[][] = [];
  const entries: TranscriptEntry[] = [];
  for (const step of told.order) {
    const [act, number] = step.split(" ");
    const { from, bundle, envelope } = told.messages[Number(number)]!;
    const role = from as Role;
    const by = act === "send" ? role : otherRole(role);
    const { channel, effects } = act === "send"
      ? await sendItems(channels[by], identities[by], ownItems(bundle), environments[by])
      : await receiveMessage(channels[by], hex(envelope), environments[by]);
    channels[by] = channel;
    for (const effect of effects) {
      if (effect.type === "emit") assert(toHex(effect.payload as Bytes) === envelope, step);
      if (effect.type === "said") entries.push({ sender: role, statement: effect.statement });
    }
    if (act === "receive") heard.push(effects.map(({ type }) => type));
  }
  const [low, high] = [identities.low.publicKey.bytes, identities.high.publicKey.bytes];
  assertEquals(toHex(channels.low.sessionId), told.sessionId);
  assertEquals(await safetyNumber(channels.low.sessionId, low, high), told.safetyNumber);
  return { heard, entries, established, identities };
}

heavyTest(
  "the minimal conversation happens again, byte for byte, and so does its transcript",
  async () => {
    const { heard, entries, established: { high }, identities } = await replay(minimal);
    assertEquals(heard, [
      ["signal"],
      ["signal"],
      ["message"],
      ["delivered"],
      ["peer-finished"],
      ["delivered", "peer-finished"],
      ["delivered"],
    ]);
    const names = { low: minimal.low.name, high: minimal.high.name };
    const content = { handshake: high.transcript, exporter: "high", names, entries } as const;
    const random = scripted({ 32: [hex(minimal.exportEntropy)] });
    const text = await writeTranscript(content, identities.high, random);
    assert(text === minimal.transcript, "another transcript");
    assertEquals((await verifyTranscript(utf8(text))).counts, { low: 2, high: 1 });
  },
);

heavyTest("the deniable conversation with a code happens again, byte for byte", async () => {
  const { heard } = await replay(deniable);
  assertEquals(heard, [
    ["signal"],
    ["signal"],
    ["gap"],
    ["message", "message", "message"],
    ["delivered", "message", "offered"],
    ["delivered", "peer-finished"],
  ]);
});

// Negative vectors.

/** One input of a negative vector: bytes, or what a bundle holds, or a text. */
interface Input {
  readonly from?: string;
  readonly length?: number;
  readonly at?: number;
  readonly bytes?: string;
  readonly text?: string;
  readonly kind?: HandshakeMessage;
  readonly bundle?: string;
  readonly unit?: string;
  readonly times?: number;
}

interface Case {
  readonly row: string;
  readonly what: string;
  readonly at: string;
  readonly deniable?: boolean;
  readonly inputs: readonly Input[];
  readonly error: string | null;
}

function inputBytes({ from, length, at, bytes }: Input): Bytes {
  if (from === undefined) return hex(bytes!);
  const [name, part] = from.split(".");
  const known = name === "messages"
    ? minimal.messages[Number(part)]!.envelope
    : name === "frame"
    ? file.frame
    : minimal[name as Role][part as "hello" | "share" | "confirmation"];
  const data = hex(known);
  if (length !== undefined) return data.slice(0, length);
  if (at !== undefined) data.set(hex(bytes!), at);
  return data;
}

const casesOf = (rows: RegExp, count: number): Case[] => {
  const found = (refused as readonly Case[]).filter(({ row }) => rows.test(row));
  assertEquals(found.length, count);
  return found;
};

heavyTest("each check on a payload of the handshake finds its fault", async () => {
  const EVENT = {
    hello: "ELGAMAL_PK_BC",
    share: "DEFF_HELLMAN_PK_BC",
    confirmation: "SECURE_BC",
  } as const;
  const EVENTS: readonly PeerEvent[] = Object.values(EVENT);
  const environment = environmentOf(minimal, "high");
  const begun = await advance(
    newSession(optionsOf(minimal, "high")),
    { type: "start" },
    environment,
  );
  // States are immutable: what came before the fault is computed once.
  const reached = new Map<string, Session>([["[]", begun.session]]);
  for (const { row, what, inputs, error } of casesOf(/^5\./, 21)) {
    let got: string | null = null;
    for (const [i, input] of inputs.entries()) {
      const key = JSON.stringify(inputs.slice(0, i + 1));
      const known = reached.get(key);
      if (known !== undefined) continue;
      const before = reached.get(JSON.stringify(inputs.slice(0, i)))!;
      const payload = input.text ?? inputBytes(input);
      const event = typeof payload === "string" ? EVENT[input.kind!] : EVENTS[payload[8]! - 1]!;
      const { session, effects } = await advance(
        before,
        { type: "receive", event, payload },
        environment,
      );
      reached.set(key, session);
      for (const effect of effects) if (effect.type === "failed") got = effect.error.code;
    }
    assertEquals(got, error, `${row}: ${what}`);
  }
});

/** Both sides after the handshake, from its payloads and secrets. */
async function bothEstablished(): Promise<Record<Role, Established>> {
  const { low, high, z } = minimal;
  const [helloLow, helloHigh, shareLow, shareHigh] = [low.hello, high.hello, low.share, high.share]
    .map(hex) as [Bytes, Bytes, Bytes, Bytes];
  const transcript = { helloLow, helloHigh, shareLow, shareHigh };
  const secrets = { diffieHellman: hex(z), kemLow: hex(low.kem), kemHigh: hex(high.kem) };
  const keys = await deriveKeys(transcript, secrets);
  const of = (role: Role, peerHello: Bytes): Established => {
    const peerIdentity = VerifyingKey.parse(GROUP, parseHello(peerHello).identity)!;
    return { role, keys, peerIdentity, peerName: "", deniable: false, transcript };
  };
  return { low: of("low", helloHigh), high: of("high", helloLow) };
}

/** The code with which a channel answers a message; `null` when it takes it. */
async function take(
  channel: Channel,
  bytes: Bytes,
): Promise<{ channel: Channel; error: string | null }> {
  const environment = { random: systemRandom, kem: mlKem768, now: () => START };
  try {
    const { channel: next, effects } = await receiveMessage(channel, bytes, environment);
    const fault = effects.find(({ type }) => type === "refused" || type === "failed");
    const error = fault !== undefined && "error" in fault ? fault.error.code : null;
    return { channel: next, error };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return { channel, error: error.code };
  }
}

heavyTest("each check on an envelope finds its fault", async () => {
  const start = await bothEstablished();
  for (const { row, what, at, inputs, error } of casesOf(/^R/, 23)) {
    let channel = openChannel(start[at as Role]);
    let got: string | null = null;
    for (const input of inputs) ({ channel, error: got } = await take(channel, inputBytes(input)));
    assertEquals(got, error, `${row}: ${what}`);
  }
});

heavyTest("each check on a bundle finds its fault", async () => {
  const { low, high } = await bothEstablished();
  const environment = { random: systemRandom, kem: mlKem768 };
  for (const { row, what, inputs, error, deniable = false } of casesOf(/^B/, 25)) {
    let channel = openChannel({ ...low, deniable });
    let ratchet: Ratchet = startRatchet(high);
    let got: string | null = null;
    for (const { bundle, unit = "", times = 0 } of inputs) {
      const padded = pad(hex(bundle! + unit.repeat(times)));
      const sealed = await ratchetEncrypt(ratchet, padded, environment);
      ratchet = sealed.ratchet;
      ({ channel, error: got } = await take(channel, sealed.bytes));
    }
    assertEquals(got, error, `${row}: ${what}`);
  }
});

heavyTest("each check on a frame finds its fault", async () => {
  const offer = { id: hex(file.id), root: hex(file.root), bytes: file.bytes, name: "" };
  for (const { row, what, inputs, error } of casesOf(/^F/, 10)) {
    // Another version's frame is no frame of ours: R1 refuses it.
    if (error === "suite-mismatch") continue;
    const windows = new Windows({
      now: () => 0,
      after: () => () => {},
      random: () => hex(file.key),
      send: () => Promise.resolve(),
    });
    windows.begin(hex(file.sessionId));
    let got: string | null = null;
    let isChanged = false;
    const post = (input: TransferInput) => {
      if (input.type !== "leaf") return Promise.resolve();
      isChanged = verifyLeaf(offer, input.index, input.proof, hashLeaf(input.data)) === null;
      return Promise.resolve();
    };
    windows.ask({ peer: "", offer, post, work: () => {} }, 0, 0);
    for (const input of inputs) {
      try {
        got = (await windows.frame(inputBytes(input)))?.code ?? null;
      } catch (thrown) {
        if (!(thrown instanceof ParleyError)) throw thrown;
        got = thrown.code;
      }
    }
    // A leaf is judged by the tree (F7) where it is kept.
    assertEquals(isChanged ? "changed" : got, error, `${row}: ${what}`);
  }
});

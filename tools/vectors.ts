/**
 * `deno task vectors`: writes tests/vectors/protocol.json, every intermediate value of two conversations.
 *
 * Two sessions of lib/ talk under seeded randomness, a fixed clock and recorded ML-KEM values. What is private
 * in them is found among the bytes that their random source gave. From there on every value is computed a
 * second time, as docs/PROTOCOL.md has it, and held against the bytes that the sessions sent.
 *
 * `deno task vectors --new-kem` first replaces the recorded ML-KEM values, because WebCrypto draws the randomness
 * of an encapsulation itself: they are the one part that can't be regenerated.
 *
 * @module
 */
import type { Command } from "../lib/cli/options.ts";
import { runCommand } from "../lib/cli/run.ts";
import { EXIT, type ExitCode } from "../lib/errors.ts";
import { decryptCfb } from "../lib/crypto/aes_cfb.ts";
import { type Bytes, concatBytes, equalBytes, fromUtf8, utf8 } from "../lib/crypto/bytes.ts";
import { challenge, SigningKey } from "../lib/crypto/elgamal.ts";
import { hkdf, hmacSha256, sha256, taggedHash } from "../lib/crypto/hash.ts";
import { i2osp, os2ip } from "../lib/crypto/integers.ts";
import { type Kem, mlKem768 } from "../lib/crypto/kem.ts";
import { FixedBase, modPow } from "../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow } from "../lib/crypto/random.ts";
import { rfc6979Nonce } from "../lib/crypto/rfc6979.ts";
import { type BoxKey, openBox } from "../lib/crypto/secret_box.ts";
import {
  type Bundle,
  isStatement,
  parseBundle,
  type StatementItem,
} from "../lib/protocol/bundle.ts";
import { cpaceGenerator } from "../lib/protocol/cpace.ts";
import {
  keyFingerprint,
  safetyNumber,
  safetyPicture,
  safetyWords,
} from "../lib/protocol/fingerprint.ts";
import {
  deriveKeys,
  otherRole,
  type Role,
  type SessionKeys,
} from "../lib/protocol/key_schedule.ts";
import { padmeLength, unpad } from "../lib/protocol/padding.ts";
import { newSession, type SecureFacts } from "../lib/protocol/session.ts";
import { hashStatement } from "../lib/protocol/statement.ts";
import { type TranscriptEntry, writeTranscript } from "../lib/protocol/transcript.ts";
import {
  ANNOUNCEMENT_BYTES,
  type EnvelopeHeader,
  GROUP,
  parseAnnouncement,
  parseConfirmation,
  parseEnvelope,
  parseHeader,
  parseHello,
  parseShareMessage,
  SUITE,
} from "../lib/protocol/wire.ts";
import {
  effectsOf,
  type Name,
  otherThan,
  SessionPair,
  tickingClock,
} from "../tests/helpers/session_pair.ts";
import { seededRandom } from "../tests/helpers/seeded_random.ts";
import recordedKem from "../tests/vectors/protocol_kem.json" with { type: "json" };

const VECTORS = new URL("../tests/vectors/protocol.json", import.meta.url);
const KEM_VALUES = new URL("../tests/vectors/protocol_kem.json", import.meta.url);

const NOTE =
  "For tests only. Every private value of these people is printed here, so it is nobody's.";

/** One ML-KEM-768 key pair, and an encapsulation to it, in hexadecimal. */
interface KemValues {
  /** d || z of FIPS 203. */
  readonly seed: string;
  readonly key: string;
  readonly ciphertext: string;
  readonly secret: string;
}

/** The pairs of both sides of a conversation, in the order in which they make them. */
type KemRecord = Readonly<Record<Name, readonly KemValues[]>>;

/** Values as they stand in the file. */
type Plain<T> = T extends Uint8Array ? string
  : T extends object ? { [Key in keyof T]: Plain<T[Key]> }
  : T;

/** What is said in a conversation, and how. */
interface Script {
  readonly name: string;
  readonly seed: string;
  readonly code: string | null;
  readonly deniable: boolean;
  readonly play: (world: SessionPair, by: Readonly<Record<Role, Name>>) => Promise<void>;
}

const SCRIPTS: readonly Script[] = [
  {
    name: "signed, without a code",
    seed: "vectors: signed",
    code: null,
    deniable: false,
    async play(world, by) {
      await world.say(by.high, "The high side may speak first.");
      const early = world.statement(by.low, "text", "Said before that came,");
      await world.run();
      const late = ["and two", "with it."].map((text) => world.statement(by.low, "text", text));
      await world.send(by.low, early, ...late);
      await world.settle();
      await world.say(by.high, "Grüße, 你好, 👋🏽");
      await world.send(
        by.low,
        world.statement(by.low, "text", "long ".repeat(400)),
        world.statement(by.low, "end", ""),
      );
      await world.settle();
      await world.finish(by.high);
      await world.settle();
    },
  },
  {
    name: "deniable, with an invite code",
    seed: "vectors: deniable",
    code: "7-calm-harbor-lantern",
    deniable: true,
    async play(world, by) {
      await world.say(by.low, "No signature.");
      await world.settle();
      await world.finish(by.high);
      await world.settle();
    },
  },
];

/** A random source that remembers what it gave. */
class Recorder {
  readonly draws: Bytes[] = [];
  readonly random: Random;

  constructor(seed: string) {
    const source = seededRandom(seed);
    this.random = (length) => {
      const bytes = source(length);
      this.draws.push(bytes);
      return bytes;
    };
  }

  /** Every number of [1, bound) that these bytes may have been drawn for. */
  *numbersBelow(bound: bigint): Generator<bigint> {
    for (const draw of this.draws) {
      let fits = true;
      const number = randomNonZeroBelow(bound, (length) => {
        fits = draw.length === length;
        return draw;
      });
      if (fits) yield number;
    }
  }

  /** The number below `bound` whose power is `element`. */
  logarithm(element: Bytes, bound: bigint, base: FixedBase): bigint {
    for (const number of this.numbersBelow(bound)) {
      if (base.pow(number) === os2ip(element)) return number;
    }
    throw new Error("The random source gave no such number");
  }
}

/** Two who have talked, and all that is known about it. */
interface Recording {
  readonly script: Script;
  readonly world: SessionPair;
  readonly recorders: Readonly<Record<Name, Recorder>>;
  readonly identities: Readonly<Record<Name, SigningKey>>;
  readonly kem: KemRecord;
  readonly facts: Readonly<Record<Name, SecureFacts>>;
  readonly by: Readonly<Record<Role, Name>>;
}

/** Plays a script, with the recorded pairs of its sides; with pairs that are made now, if there are none. */
async function record(script: Script, recorded: KemRecord | null): Promise<Recording> {
  const both = <T>(make: (name: Name) => T) => ({ alice: make("alice"), bob: make("bob") });
  const recorders = both((name) => new Recorder(`${script.seed}: ${name}`));
  const identities = both((name) => SigningKey.generate(GROUP, recorders[name].random));
  const { code, deniable } = script;
  const kem: Record<Name, KemValues[]> = both(() => []);
  const kemOf = (name: Name) => replayed(kem, name, recorded);
  const world = new SessionPair(
    both((name) => newSession({ identity: identities[name], name, code, deniable })),
    both((name) => {
      const { random } = recorders[name];
      return { random, kem: kemOf(name), now: tickingClock() };
    }),
  );
  await world.meet();
  const facts = both((name) => effectsOf(world.effects[name], "secure")[0]!);
  const low = facts.alice.role === "low" ? "alice" : "bob";
  const by = { low, high: otherThan(low) } as const;
  await script.play(world, by);
  return { script, world, recorders, identities, kem, facts, by };
}

/**
 * A KEM that says again what it said once: its key pairs are genuine, its encapsulations recorded.
 *
 * @param used each side's pairs so far
 * @param recorded where they come from; without it they are made when they are asked for
 */
function replayed(
  used: Readonly<Record<Name, KemValues[]>>,
  own: Name,
  recorded: KemRecord | null,
): Kem {
  return {
    generate: async () => {
      const values = recorded === null ? await newKemValues() : recorded[own][used[own].length]!;
      used[own].push(values);
      return {
        publicKey: Uint8Array.fromHex(values.key),
        decapsulate: (ciphertext) => decapsulate(values.seed, ciphertext as Bytes),
      };
    },
    encapsulate: (publicKey) => {
      const values = pairOf(used[otherThan(own)], publicKey);
      const secret = Uint8Array.fromHex(values.secret);
      return Promise.resolve({ ciphertext: Uint8Array.fromHex(values.ciphertext), secret });
    },
  };
}

/** The values of an encapsulation key. */
function pairOf(pairs: readonly KemValues[], key: Uint8Array): KemValues {
  const found = pairs.find((values) => values.key === key.toHex());
  if (found === undefined) throw new Error("This key was not recorded");
  return found;
}

/** WebCrypto's decapsulation, by the seed of the key pair. */
async function decapsulate(seed: string, ciphertext: Bytes): Promise<Bytes> {
  // deno-lint-ignore no-explicit-any -- TypeScript's library does not know key encapsulation yet.
  const subtle = crypto.subtle as any;
  const bytes = Uint8Array.fromHex(seed);
  const key = await subtle.importKey("raw-seed", bytes, "ML-KEM-768", false, ["decapsulateBits"]);
  return new Uint8Array(await subtle.decapsulateBits("ML-KEM-768", key, ciphertext));
}

/** A new key pair and an encapsulation to it. */
async function newKemValues(): Promise<KemValues> {
  // deno-lint-ignore no-explicit-any -- as above
  const subtle = crypto.subtle as any;
  const usages = ["encapsulateBits", "decapsulateBits"];
  const pair = await subtle.generateKey("ML-KEM-768", true, usages);
  const exported = async (format: string, key: CryptoKey) =>
    new Uint8Array(await subtle.exportKey(format, key));
  const key = await exported("raw-public", pair.publicKey);
  const { ciphertext, secret } = (await mlKem768.encapsulate(key))!;
  const seed = await exported("raw-seed", pair.privateKey);
  return plain({ seed, key, ciphertext, secret });
}

/** One side's messages of the handshake, as it sent them. */
function handshakeOf({ world }: Recording, name: Name) {
  const sent = effectsOf(world.effects[name], "emit").map(({ payload }) => payload);
  return { hello: sent[0]!, share: sent[1]!, confirmation: sent[2]! };
}

/** What JSON has of a value: bytes in hexadecimal. */
function plain<T>(value: T): Plain<T> {
  const replacer = (_: string, part: unknown) => part instanceof Uint8Array ? part.toHex() : part;
  return JSON.parse(JSON.stringify(value, replacer));
}

/** Fails where the second computation disagrees with what lib did. */
function agree(what: string, computed: Uint8Array, sent: Uint8Array): void {
  if (!equalBytes(computed, sent)) throw new Error(`${what}: computed and sent are different`);
}

/** Diffie-Hellman exponents are below this. */
const EXPONENTS = 1n << BigInt(GROUP.exponentBits);
const generator = new FixedBase(GROUP.g, GROUP.p, GROUP.elementBytes * 8);
const element = (number: bigint) => i2osp(number, GROUP.elementBytes);

/** A signature and all that leads to it. The entropy is searched for among the draws of its maker. */
async function explainSignature(
  recorder: Recorder,
  x: bigint,
  context: string,
  message: Bytes,
  signature: Bytes,
) {
  const r = os2ip(signature.subarray(0, GROUP.elementBytes));
  const s = os2ip(signature.subarray(GROUP.elementBytes));
  const digest = await taggedHash("parley-1 elgamal nonce", utf8(context), message);
  const h = await challenge(GROUP, context, generator.pow(x), r, message);
  for (const entropy of recorder.draws.filter(({ length }) => length === 32)) {
    const k = rfc6979Nonce(GROUP.q, x, digest, entropy);
    if (generator.pow(k) !== r) continue;
    if ((s * k + x * r - h) % GROUP.q !== 0n) throw new Error("This s solves another equation");
    const numbers = { k: element(k), r: element(r), h: i2osp(h, 32), s: element(s) };
    return { context, message, digest, entropy, ...numbers };
  }
  throw new Error("The random source gave no entropy for this signature");
}

/** One side of a handshake. */
async function explainSide(recording: Recording, role: Role, base: bigint, keys: SessionKeys) {
  const name = recording.by[role];
  const recorder = recording.recorders[name];
  const sent = handshakeOf(recording, name);
  const peerHello = handshakeOf(recording, otherThan(name)).hello;
  const hello = parseHello(sent.hello);
  const { share, kemCiphertext, signature } = parseShareMessage(sent.share);
  const x = recorder.logarithm(hello.identity, GROUP.q, generator);
  const ofBase = new FixedBase(base, GROUP.p, GROUP.exponentBits);
  const fields = [sent.hello, peerHello, share, kemCiphertext];
  const signed = await taggedHash("parley-1 key exchange", ...fields);
  const context = "parley-1 key exchange signature";
  const box = parseConfirmation(sent.confirmation);
  const plaintext = (await openBox(keys.confirmation[role], keys.sessionId, box))!;
  return {
    person: name,
    private: {
      identity: element(x),
      share: i2osp(recorder.logarithm(share, EXPONENTS, ofBase), 40),
      kemSeed: recording.kem[name][0]!.seed,
    },
    ...hello,
    hello: sent.hello,
    share,
    kemCiphertext,
    signature: await explainSignature(recorder, x, context, signed, signature),
    shareMessage: sent.share,
    confirmation: { name, plaintext, iv: box.slice(0, 16), message: sent.confirmation },
  };
}

/** The generator of CPace and what leads to it. */
async function explainCpace(code: string, low: Bytes, high: Bytes) {
  const sid = await taggedHash("parley-1 cpace sid", low, high);
  const wide = await hkdf(utf8(code), sid, utf8(`parley-1 cpace generator ${GROUP.name}`), 400);
  const root = os2ip(wide) % GROUP.p;
  const base = root * root % GROUP.p;
  agree("CPace's generator", element(base), element(await cpaceGenerator(GROUP, code, low, high)));
  return { sid, wide, generator: element(base) };
}

/** One chain, and all that leads to it; of chain 0 the handshake has made all. */
interface ChainRecord {
  readonly owner: Role;
  /** d, and d || z of the ML-KEM pair. */
  readonly exponent: Bytes | null;
  readonly kemSeed: string | null;
  readonly announcement: Bytes;
  /** Z and k: zeros for chain 1. */
  readonly diffieHellman: Bytes | null;
  readonly kemSecret: Bytes | null;
  /** u: the hash of the announced keys. */
  readonly keys: Bytes | null;
  readonly root: Bytes;
  readonly chain: Bytes;
  /** The chain's own header key, and that of the same side's next chain. */
  readonly headerKey: Bytes;
  readonly nextHeaderKey: Bytes;
}

const bytesOf = ({ cipher, mac }: BoxKey) => concatBytes(cipher, mac);

/** Chain 0, as the handshake has it. */
function firstChain({ root, chainHigh, headers: [header0, , header2] }: SessionKeys): ChainRecord {
  return {
    owner: "high",
    exponent: null,
    kemSeed: null,
    announcement: new Uint8Array(ANNOUNCEMENT_BYTES),
    diffieHellman: null,
    kemSecret: null,
    keys: null,
    root,
    chain: chainHigh,
    headerKey: bytesOf(header0),
    nextHeaderKey: bytesOf(header2),
  };
}

/** The chain behind those so far, which begins with an announcement. */
async function nextChain(
  { recorders, kem, by }: Recording,
  chains: readonly ChainRecord[],
  headerKey: Bytes,
  announcement: Bytes,
): Promise<ChainRecord> {
  const before = chains.at(-1)!;
  const owner = otherRole(before.owner);
  const { share, kemKey, kemCiphertext } = parseAnnouncement(announcement);
  const exponent = recorders[by[owner]].logarithm(share, EXPONENTS, generator);
  const secrets = before.kemSeed === null
    ? { diffieHellman: new Uint8Array(384), kemSecret: new Uint8Array(32) }
    : {
      diffieHellman: element(
        modPow(os2ip(parseAnnouncement(before.announcement).share), exponent, GROUP.p),
      ),
      kemSecret: await decapsulate(before.kemSeed, kemCiphertext),
    };
  const keys = await taggedHash("parley-1 ratchet keys", share, kemKey, kemCiphertext);
  const derived = await hkdf(
    concatBytes(secrets.diffieHellman, secrets.kemSecret),
    before.root,
    concatBytes(utf8("parley-1 ratchet root"), keys),
    128,
  );
  return {
    owner,
    exponent: i2osp(exponent, 40),
    kemSeed: pairOf(kem[by[owner]], kemKey).seed,
    announcement,
    ...secrets,
    keys,
    root: derived.slice(0, 32),
    chain: derived.slice(32, 64),
    headerKey,
    nextHeaderKey: derived.slice(64),
  };
}

/** Finds the chain of each envelope by its tag, in the order in which they were sent, and begins those that are new. */
async function explainChains(
  recording: Recording,
  sessionKeys: SessionKeys,
  envelopes: readonly Bytes[],
): Promise<{ chains: ChainRecord[]; places: { chain: number; header: EnvelopeHeader }[] }> {
  const chains = [firstChain(sessionKeys)];
  const headerKeys = sessionKeys.headers.map(bytesOf);
  const places = [];
  for (const bytes of envelopes) {
    const { tag, headerIv, header } = parseEnvelope(bytes);
    const digest = await sha256(bytes.slice(0, 9), bytes.slice(41));
    const tags = await Promise.all(headerKeys.map((key) => hmacSha256(key.slice(32), digest)));
    const chain = tags.findIndex((each) => equalBytes(each, tag));
    if (chain < 0) throw new Error("This tag is under none of the header keys");
    const opened = parseHeader(decryptCfb(headerKeys[chain]!.slice(0, 32), headerIv, header));
    if (chain === chains.length) {
      chains.push(await nextChain(recording, chains, headerKeys[chain]!, opened.announcement));
      headerKeys[chain + 2] = chains[chain]!.nextHeaderKey;
    }
    agree("announcement", chains[chain]!.announcement, opened.announcement);
    places.push({ chain, header: opened });
  }
  return { chains, places };
}

/** The hash of each side's chain after 0, 1, 2, … statements, as far as the messages have been gone through. */
type Heads = Readonly<Record<Name, Bytes[]>>;

/** One sealed message, from its chain key to its statement. */
async function explainMessage(
  recording: Recording,
  of: { chain: number; header: EnvelopeHeader; record: ChainRecord },
  heads: Heads,
  envelope: Bytes,
) {
  const { chain: index, header: { previousLength, number }, record } = of;
  const from = recording.by[record.owner];
  const { sessionId } = recording.facts[from];
  const { tag, headerIv, header, box } = parseEnvelope(envelope);
  let chain = record.chain;
  for (let i = 0; i < number; i++) chain = await hmacSha256(chain, Uint8Array.of(2));
  const key = await hmacSha256(chain, Uint8Array.of(1));
  const box64 = await hkdf(key, new Uint8Array(), utf8("parley-1 message key"), 64);
  const authenticated = concatBytes(sessionId, utf8(SUITE), Uint8Array.of(4), headerIv, header);
  const boxKeys = { cipher: box64.slice(0, 32), mac: box64.slice(32) };
  const padded = await openBox(boxKeys, authenticated, box);
  if (padded === null) throw new Error("This message does not open under the computed keys");
  const payload = unpad(padded);
  return {
    from: record.owner,
    chain: index,
    previousLength,
    number,
    headerIv,
    tag,
    chainKey: chain,
    messageKey: key,
    cipherKey: boxKeys.cipher,
    macKey: boxKeys.mac,
    iv: box.slice(0, 16),
    payload,
    padded,
    envelope,
    bundle: await explainBundle(recording, heads, from, parseBundle(payload)),
  };
}

async function explainBundle(recording: Recording, heads: Heads, from: Name, bundle: Bundle) {
  const { number, received, items, signature } = bundle;
  const explained = [];
  for (const item of items) {
    explained.push(isStatement(item) ? await explainStatement(recording, heads, from, item) : item);
  }
  const { publicKey } = recording.identities[from];
  const recorder = recording.recorders[from];
  return {
    number,
    received,
    items: explained,
    signature: signature === null ? null : await explainSignature(
      recorder,
      recorder.logarithm(publicKey.bytes, GROUP.q, generator),
      "parley-1 statement signature",
      heads[from].at(-1)!,
      signature,
    ),
  };
}

async function explainStatement(
  recording: Recording,
  heads: Heads,
  from: Name,
  { type: kind, seen, time, body }: StatementItem,
) {
  const { publicKey } = recording.identities[from];
  const { sessionId } = recording.facts[from];
  const [sequence, previous] = [heads[from].length - 1, heads[from].at(-1)!];
  // Whatever a statement answers was sent before it.
  const answered = heads[otherThan(from)][seen]!;
  const statement = { sequence, seen, time, kind, body, previous };
  const hash = await hashStatement(sessionId, publicKey, statement, answered);
  heads[from].push(hash);
  const [text, bodyHash] = [fromUtf8(body), await sha256(body)];
  return { type: kind, sequence, seen, time, text, bodyHash, previous, answered, hash };
}

/** What people compare. */
async function explainSafety({ facts, by }: Recording) {
  const [low, high] = [facts[by.high].peerIdentity.bytes, facts[by.low].peerIdentity.bytes];
  const number = await safetyNumber(facts[by.low].sessionId, low, high);
  return {
    fingerprintLow: await keyFingerprint(low),
    fingerprintHigh: await keyFingerprint(high),
    safetyNumber: number,
    safetyWords: await safetyWords(number),
    safetyPicture: await safetyPicture(number),
  };
}

/** The transcript that the high side exports: its own words and what it was shown. */
async function exportTranscript({ script, world, facts, by, identities }: Recording) {
  if (script.deniable) return null;
  const name = by.high;
  const entries = world.effects[name].flatMap((effect): TranscriptEntry[] => {
    if (effect.type === "said") return [{ sender: "high", statement: effect.statement }];
    if (effect.type !== "message" && effect.type !== "peer-finished") return [];
    return [{ sender: otherRole("high"), statement: effect.statement }];
  });
  const handshake = facts[name].transcript;
  const conversation = { handshake, exporter: "high", names: by, entries } as const;
  const random = seededRandom(`${script.seed}: transcript`);
  return await writeTranscript(conversation, identities[name], random);
}

async function explain(recording: Recording) {
  const { script, world, facts, by } = recording;
  const { helloLow, helloHigh, shareLow, shareHigh } = facts.alice.transcript;
  const cpace = script.code === null ? null : await explainCpace(script.code, helloLow, helloHigh);
  const base = cpace === null ? GROUP.g : os2ip(cpace.generator);
  const lowShare = parseShareMessage(shareLow).share;
  const ofBase = new FixedBase(base, GROUP.p, GROUP.exponentBits);
  const exponent = recording.recorders[by.low].logarithm(lowShare, EXPONENTS, ofBase);
  const peerShare = parseShareMessage(shareHigh).share;
  const secrets = {
    diffieHellman: element(modPow(os2ip(peerShare), exponent, GROUP.p)),
    kemLow: Uint8Array.fromHex(recording.kem[by.high][0]!.secret),
    kemHigh: Uint8Array.fromHex(recording.kem[by.low][0]!.secret),
  };
  const keys = await deriveKeys({ helloLow, helloHigh, shareLow, shareHigh }, secrets);
  agree("session id", keys.sessionId, facts.alice.sessionId);
  const sealed = world.posted.filter(({ event }) => event === "received_message")
    .map(({ payload }) => payload as Bytes);
  const { chains, places } = await explainChains(recording, keys, sealed);
  const heads: Heads = { alice: [keys.sessionId], bob: [keys.sessionId] };
  const messages = [];
  for (const [i, place] of places.entries()) {
    const record = chains[place.chain]!;
    messages.push(await explainMessage(recording, { ...place, record }, heads, sealed[i]!));
  }
  const { confirmation: { low, high }, root, chainHigh, headers } = keys;
  return {
    name: script.name,
    seed: script.seed,
    code: script.code,
    cpace,
    low: await explainSide(recording, "low", base, keys),
    high: await explainSide(recording, "high", base, keys),
    sessionId: keys.sessionId,
    secrets,
    keys: {
      confirmationLow: bytesOf(low),
      confirmationHigh: bytesOf(high),
      root,
      chainHigh,
      headerHigh: bytesOf(headers[0]),
      headerLow: bytesOf(headers[1]),
      nextHeaderHigh: bytesOf(headers[2]),
    },
    chains,
    messages,
    ...await explainSafety(recording),
    transcript: await exportTranscript(recording),
  };
}

/** Lengths at which padding changes its mind, and what they are padded to. */
const LENGTHS = [1, 1279, 1280, 1281, 1344, 1345, 2048, 2049, 4097, 65_537, 525_120];

/** Everything in tests/vectors/protocol.json, the same at each call. */
export async function makeVectors(kem: readonly KemRecord[] = recordedKem.values) {
  const conversations = [];
  for (const [i, script] of SCRIPTS.entries()) {
    conversations.push(await explain(await record(script, kem[i]!)));
  }
  const { name, p, q, g } = GROUP;
  return plain({
    note: NOTE,
    suite: SUITE,
    group: { name, p: p.toString(16), q: q.toString(16), g: g.toString(16) },
    padding: LENGTHS.map((length) => [length, padmeLength(length)]),
    conversations,
  });
}

const COMMAND: Command = {
  name: "deno task vectors",
  summary: "Writes tests/vectors/protocol.json again.",
  options: [{ name: "new-kem", help: "replace the recorded ML-KEM values first" }],
  exits: [[EXIT.ok, "written"], [EXIT.usage, "wrong usage"]],
  examples: [],
};

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async (said) => {
    let values: readonly KemRecord[] = recordedKem.values;
    if (said["new-kem"]) {
      const recordings = [];
      for (const script of SCRIPTS) recordings.push(await record(script, null));
      values = recordings.map(({ kem }) => kem);
      await Deno.writeTextFile(KEM_VALUES, written({ note: NOTE, values }));
    }
    const text = written(await makeVectors(values));
    await Deno.writeTextFile(VECTORS, text);
    console.log(`wrote ${text.length} characters to tests/vectors/protocol.json`);
    return EXIT.ok;
  });
}

function written(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

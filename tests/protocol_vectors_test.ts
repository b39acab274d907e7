/**
 * Holds lib/ to tests/vectors/protocol.json: each function by itself, then both conversations from their seeds.
 *
 * The file's values are computed a second time, from docs/PROTOCOL.md alone, by recompute_handshake.py.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from "../lib/crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../lib/crypto/diffie_hellman.ts";
import { challenge, VerifyingKey } from "../lib/crypto/elgamal.ts";
import { taggedHash } from "../lib/crypto/hash.ts";
import { bitLength, i2osp, os2ip } from "../lib/crypto/integers.ts";
import type { Random } from "../lib/crypto/random.ts";
import { rfc6979Nonce } from "../lib/crypto/rfc6979.ts";
import { boxKey, openBox, sealBox } from "../lib/crypto/secret_box.ts";
import { cpaceGenerator } from "../lib/protocol/cpace.ts";
import {
  keyFingerprint,
  safetyNumber,
  safetyPicture,
  safetyWords,
} from "../lib/protocol/fingerprint.ts";
import { verifyShare } from "../lib/protocol/handshake.ts";
import { parseInvite } from "../lib/protocol/invite.ts";
import { deriveKeys, otherRole, type Role } from "../lib/protocol/key_schedule.ts";
import { pad, padmeLength, unpad } from "../lib/protocol/padding.ts";
import {
  encodePayload,
  hashStatement,
  parsePayload,
  verifyStatement,
} from "../lib/protocol/statement.ts";
import { verifyTranscript } from "../lib/protocol/transcript.ts";
import {
  encodeConfirmation,
  encodeEnvelope,
  encodeHeader,
  encodeHello,
  encodeShare,
  GROUP,
  parseConfirmation,
  parseEnvelope,
  parseHello,
  parseShareMessage,
  SUITE,
} from "../lib/protocol/wire.ts";
import { makeVectors } from "../tools/vectors.ts";
import { seededRandom } from "./helpers/seeded_random.ts";
import vectors from "./vectors/protocol.json" with { type: "json" };

type Recorded = typeof vectors.conversations[number];
type Side = Recorded["low"];
type Message = Recorded["messages"][number];

const ROLES = ["low", "high"] as const;
const element = (n: bigint) => toHex(i2osp(n, GROUP.elementBytes));

/** Compares, and counts. */
class Comparison {
  count = 0;

  equal(what: string, actual: Uint8Array | unknown, recorded: unknown): void {
    assertEquals(actual instanceof Uint8Array ? toHex(actual) : actual, recorded, what);
    this.count++;
  }
}

/** A random source whose first draw makes a key pair with this exponent. What it gives later only blinds. */
function randomFor(exponent: bigint): Random {
  // The draw has the bits of 2^320 and 128 more; docs/PROTOCOL.md does not say how an exponent is drawn.
  const bits = bitLength(1n << BigInt(GROUP.exponentBits)) + 128;
  const blinding = seededRandom("blinding");
  let first = true;
  return (length) => {
    if (!first) return blinding(length);
    first = false;
    return i2osp((exponent - 1n) << BigInt(8 * length - bits), length);
  };
}

/** The pair of a recorded exponent. */
function pairOf(exponent: string, base?: bigint): DiffieHellmanKeyPair {
  return DiffieHellmanKeyPair.generate(GROUP, randomFor(os2ip(fromHex(exponent))), base);
}

async function compareSignature(
  comparison: Comparison,
  key: VerifyingKey,
  privateKey: string,
  { context, message, digest, entropy, k, r, h, s }: Side["signature"],
): Promise<void> {
  const [x, bytes] = [os2ip(fromHex(privateKey)), fromHex(message)];
  const nonce = await rfc6979Nonce(GROUP.q, x, fromHex(digest), fromHex(entropy));
  const hashed = await taggedHash("parley-1 elgamal nonce", utf8(context), bytes);
  const challenged = await challenge(GROUP, context, key.y, os2ip(fromHex(r)), bytes);
  comparison.equal("digest", hashed, digest);
  comparison.equal("k", element(nonce), k);
  comparison.equal("h", i2osp(challenged, 32), h);
  comparison.equal("signature", await key.verify(context, bytes, fromHex(r + s)), true);
}

async function compareSide(
  comparison: Comparison,
  recorded: Recorded,
  role: Role,
  base: bigint,
): Promise<void> {
  const [own, peer] = [recorded[role], recorded[role === "low" ? "high" : "low"]];
  const [hello, share] = [
    parseHello(fromHex(own.hello)),
    parseShareMessage(fromHex(own.shareMessage)),
  ];
  const key = VerifyingKey.parse(GROUP, hello.identity)!;
  comparison.equal("nonce", hello.nonce, own.nonce);
  comparison.equal("identity", hello.identity, own.identity);
  comparison.equal("KEM key", hello.kemKey, own.kemKey);
  comparison.equal("modes", [hello.deniable, hello.invite], [own.deniable, own.invite]);
  comparison.equal("hello", encodeHello(hello), own.hello);
  const pair = pairOf(own.private.share, base);
  comparison.equal("share", pair.share, own.share);
  comparison.equal("ratchet key", pairOf(own.private.ratchet).share, own.ratchetKey);
  const secret = pair.sharedSecret(parseShare(GROUP, fromHex(peer.share))!, seededRandom("mask"));
  comparison.equal("Diffie-Hellman secret", secret, recorded.secrets.diffieHellman);
  comparison.equal("share", share.share, own.share);
  comparison.equal("ratchet key", share.ratchetKey, own.ratchetKey);
  comparison.equal("KEM ciphertext", share.kemCiphertext, own.kemCiphertext);
  comparison.equal("share message", encodeShare(share), own.shareMessage);
  const verified = await verifyShare(key, fromHex(own.hello), fromHex(peer.hello), share);
  comparison.equal("share's signature", verified, true);
  await compareSignature(comparison, key, own.private.identity, own.signature);
}

async function compareConfirmation(
  comparison: Comparison,
  { confirmation: { plaintext, iv, message } }: Side,
  key: ReturnType<typeof boxKey>,
  sessionId: Bytes,
): Promise<void> {
  const box = await sealBox(key, fromHex(iv), sessionId, fromHex(plaintext));
  comparison.equal("confirmation", encodeConfirmation(box), message);
  const opened = await openBox(key, sessionId, parseConfirmation(fromHex(message)));
  comparison.equal("confirmation's plaintext", opened, plaintext);
}

async function compareKeys(comparison: Comparison, recorded: Recorded): Promise<void> {
  const { low, high, secrets, keys, sessionId } = recorded;
  const derived = await deriveKeys({
    helloLow: fromHex(low.hello),
    helloHigh: fromHex(high.hello),
    shareLow: fromHex(low.shareMessage),
    shareHigh: fromHex(high.shareMessage),
  }, {
    diffieHellman: fromHex(secrets.diffieHellman),
    kemLow: fromHex(secrets.kemLow),
    kemHigh: fromHex(secrets.kemHigh),
  });
  comparison.equal("session id", derived.sessionId, sessionId);
  comparison.equal("root", derived.root, keys.root);
  comparison.equal("chainHigh", derived.chainHigh, keys.chainHigh);
  const expected = { low: keys.confirmationLow, high: keys.confirmationHigh };
  for (const role of ROLES) {
    const key = derived.confirmation[role];
    comparison.equal("confirmation key", concatBytes(key.cipher, key.mac), expected[role]);
    await compareConfirmation(comparison, recorded[role], key, derived.sessionId);
  }
}

function compareRatchet(comparison: Comparison, { ratchet, low, high }: Recorded): void {
  const first = ratchet.slice(0, 2).map(({ key }) => key);
  comparison.equal("first ratchet keys", first, [high.ratchetKey, low.ratchetKey]);
  for (const [i, { exponent, key, secret }] of ratchet.entries()) {
    const pair = pairOf(exponent);
    comparison.equal("ratchet key", pair.share, key);
    if (i === 0) continue;
    const before = parseShare(GROUP, fromHex(ratchet[i - 1]!.key))!;
    comparison.equal("DH", pair.sharedSecret(before, seededRandom("mask")), secret);
  }
}

/** The hash of each side's chain after 0, 1, 2, … statements, as far as the messages have been gone through. */
type Heads = Readonly<Record<Role, Bytes[]>>;

async function compareMessage(
  comparison: Comparison,
  recorded: Recorded,
  message: Message,
  heads: Heads,
): Promise<void> {
  const envelope = parseEnvelope(fromHex(message.envelope));
  comparison.equal("envelope", encodeEnvelope(envelope), message.envelope);
  comparison.equal("ratchet key", envelope.ratchetKey, recorded.ratchet[message.step]!.key);
  const numbers = [envelope.previousLength, envelope.number];
  comparison.equal("counters", numbers, [message.previousLength, message.number]);
  const key = boxKey(fromHex(message.cipherKey + message.macKey));
  const header = concatBytes(fromHex(recorded.sessionId), encodeHeader(envelope));
  const padded = fromHex(message.padded);
  comparison.equal("padded payload", await openBox(key, header, envelope.box), message.padded);
  const box = await sealBox(key, fromHex(message.iv), header, padded);
  comparison.equal("box", box, toHex(envelope.box));
  comparison.equal("payload", unpad(padded), message.payload);
  comparison.equal("padding", pad(fromHex(message.payload)), message.padded);
  const payload = parsePayload(fromHex(message.payload));
  comparison.equal("payload", encodePayload(payload), message.payload);
  if (payload.type === "receipt") {
    return comparison.equal("count", payload.count, message.content.count);
  }
  if (payload.type === "signal") throw new Error("no recorded conversation has signals");
  const { content } = message;
  const from = message.from as Role;
  const side = recorded[from];
  const speaker = VerifyingKey.parse(GROUP, fromHex(side.identity))!;
  const { statement } = payload;
  const answered = heads[otherRole(from)][statement.seen]!;
  const hash = await hashStatement(fromHex(recorded.sessionId), speaker, statement, answered);
  comparison.equal("hash", hash, content.hash);
  comparison.equal("previous", statement.previous, content.previous);
  comparison.equal("previous", heads[from].at(-1), content.previous);
  comparison.equal("answered", answered, content.answered);
  heads[from].push(hash);
  comparison.equal("body", new TextDecoder().decode(statement.body), content.text);
  const { sequence, seen, time, kind } = statement;
  const place = [content.sequence, content.seen, content.time, content.kind];
  comparison.equal("place", [sequence, seen, time, kind], place);
  comparison.equal("is signed", statement.signature !== null, content.signature != null);
  if (statement.signature === null) return;
  const holds = await verifyStatement(speaker, hash, statement.signature);
  comparison.equal("signature", holds, true);
  await compareSignature(comparison, speaker, side.private.identity, content.signature!);
}

async function compareSafety(comparison: Comparison, recorded: Recorded): Promise<void> {
  const [low, high] = [fromHex(recorded.low.identity), fromHex(recorded.high.identity)];
  const number = await safetyNumber(fromHex(recorded.sessionId), high, low);
  comparison.equal("fingerprint", await keyFingerprint(low), recorded.fingerprintLow);
  comparison.equal("fingerprint", await keyFingerprint(high), recorded.fingerprintHigh);
  comparison.equal("safety number", number, recorded.safetyNumber);
  comparison.equal("safety words", await safetyWords(number), recorded.safetyWords);
  comparison.equal("safety picture", await safetyPicture(number), recorded.safetyPicture);
}

async function compareTranscript(
  comparison: Comparison,
  { transcript, low, high }: Recorded,
): Promise<void> {
  if (transcript === null) return;
  const { exporter, names, identities, counts } = await verifyTranscript(utf8(transcript));
  comparison.equal("exporter", exporter, "high");
  comparison.equal("names", names, { low: low.person, high: high.person });
  comparison.equal("low's key", identities.low.bytes, low.identity);
  comparison.equal("high's key", identities.high.bytes, high.identity);
  comparison.equal("counts", counts, { low: 4, high: 3 });
}

async function compareConversation(comparison: Comparison, recorded: Recorded): Promise<void> {
  const { low, high, code, cpace } = recorded;
  let base = GROUP.g;
  if (code !== null) {
    base = await cpaceGenerator(GROUP, code, fromHex(low.hello), fromHex(high.hello));
    comparison.equal("CPace's generator", element(base), cpace!.generator);
    comparison.equal("code", parseInvite(code).code, code);
  }
  for (const role of ROLES) await compareSide(comparison, recorded, role, base);
  await compareKeys(comparison, recorded);
  compareRatchet(comparison, recorded);
  const start = fromHex(recorded.sessionId);
  const heads: Heads = { low: [start], high: [start] };
  for (const message of recorded.messages) {
    await compareMessage(comparison, recorded, message, heads);
  }
  await compareSafety(comparison, recorded);
  await compareTranscript(comparison, recorded);
}

Deno.test("lib agrees with every value of protocol.json", async () => {
  const comparison = new Comparison();
  comparison.equal("suite", SUITE, vectors.suite);
  comparison.equal("p", GROUP.p.toString(16), vectors.group.p);
  comparison.equal("q", GROUP.q.toString(16), vectors.group.q);
  comparison.equal("g", GROUP.g.toString(16), vectors.group.g);
  comparison.equal("group", GROUP.name, vectors.group.name);
  for (const [length, padded] of vectors.padding) {
    comparison.equal("Padmé", padmeLength(length!), padded);
  }
  for (const recorded of vectors.conversations) await compareConversation(comparison, recorded);
  assertEquals(comparison.count, 378);
});

Deno.test("both conversations of protocol.json happen again, byte for byte, from their seeds", async () => {
  const made = await makeVectors();
  assertEquals(made.conversations.map(({ messages }) => messages.length), [13, 4]);
  // One text, compared as such: a difference in 270,000 characters is no help to anyone.
  const [text, recorded] = [made, vectors].map((value) => JSON.stringify(value));
  assert(text === recorded, "`deno task vectors` would write another protocol.json");
});

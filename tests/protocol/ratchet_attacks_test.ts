/**
 * Attacks on the ratchet, each refused by the check that is named, and what refusing costs. The numbers are those of
 * docs/PROTOCOL.md.
 */
import { assertEquals } from "@std/assert";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { type Kem, KEM_CIPHERTEXT_BYTES, mlKem768 } from "../../lib/crypto/kem.ts";
import type { BoxKey } from "../../lib/crypto/secret_box.ts";
import { MAX_SKIP } from "../../lib/protocol/constants.ts";
import { pad } from "../../lib/protocol/padding.ts";
import { type Ratchet, ratchetDecrypt, ratchetEncrypt } from "../../lib/protocol/ratchet.ts";
import {
  type Announcement,
  encodeAnnouncement,
  encodeEnvelope,
  GROUP,
  parseAnnouncement,
  parseEnvelope,
} from "../../lib/protocol/wire.ts";
import { Dice, flipBit } from "../helpers/mutants.ts";
import { effectsOf, sealAs, securedPair, SMALL_GROUP, typesOf } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import {
  assertRefused,
  headerOf,
  NOTHING,
  Pair,
  START,
  startBoth,
  textOf,
  withHeader,
} from "./ratchet_pair.ts";

const random = seededRandom("attacks");
const environment = { random, kem: mlKem768 };

/** Low has just begun chain 3 with this, and high, which expects it, has received two messages of chain 1. */
async function atNewChain() {
  const pair = new Pair();
  await pair.send("low", "chain 1");
  await pair.send("low", "chain 1");
  await pair.send("high", "chain 2");
  const bytes = await pair.seal("low", "chain 3");
  return { pair, bytes, key: pair.states.low.sending!.headerKey, victim: pair.states.high };
}

/** With another announcement, in part, under a tag that holds. */
function withAnnouncement(
  key: BoxKey,
  bytes: Bytes,
  changes: Partial<Announcement>,
): Promise<Bytes> {
  const announcement = parseAnnouncement(headerOf(key, bytes).announcement);
  const changed = encodeAnnouncement({ ...announcement, ...changes });
  return withHeader(key, bytes, { announcement: changed });
}

Deno.test("ratchet, attack 1: a bit changed anywhere costs no power and no step, and the genuine one opens", async () => {
  const { pair, bytes, victim } = await atNewChain();
  const dice = new Dice(1);
  // The borders of every field, and one byte in ten: which bit of it is left to chance.
  const borders = [9, 40, 41, 56, 57, 2720, 2721, 2736, 2737, 4016, 4017, 4048];
  const places = [...borders, ...Array.from({ length: 400 }, () => 9 + dice.below(4040))];
  for (const at of places) {
    assertEquals(await assertRefused(victim, flipBit(bytes, at, dice.below(8))), NOTHING, `${at}`);
  }
  assertEquals(await pair.open("high", bytes), "chain 3");
  const next = await pair.seal("low", "the same chain");
  for (const at of borders) {
    assertEquals(await assertRefused(pair.states.high, flipBit(next, at, at % 8)), NOTHING);
  }
  assertEquals(await pair.open("high", next), "the same chain");
});

Deno.test("ratchet, attack 2: another body behind the header of a new chain costs no power, however often", async () => {
  const { pair, bytes, victim } = await atNewChain();
  const envelope = parseEnvelope(bytes);
  const dice = new Dice(2);
  for (let i = 0; i < 100; i++) {
    const forged = encodeEnvelope({ ...envelope, box: dice.bytes(envelope.box.length) });
    assertEquals(await assertRefused(victim, forged), NOTHING);
  }
  assertEquals(await pair.open("high", bytes), "chain 3");
});

Deno.test("ratchet, attack 3: a replay is refused at once, after one turn and nine, and from another session", async () => {
  const pair = new Pair();
  const [m0, m1, m2] = await pair.sealAll("low", "0", "1", "2") as [Bytes, Bytes, Bytes];
  await pair.open("high", m0);
  assertEquals(await assertRefused(pair.states.high, m0, "the latest again"), NOTHING);
  await pair.open("high", m2);
  assertEquals(await assertRefused(pair.states.high, m0), NOTHING);
  assertEquals(await assertRefused(pair.states.high, m2), NOTHING);
  await pair.open("high", m1);
  assertEquals(await assertRefused(pair.states.high, m1, "a skipped one again"), NOTHING);
  for (let turn = 1; turn <= 9; turn++) {
    await pair.send("high", "answer");
    await pair.send("low", "next chain");
    if (turn > 1 && turn < 9) continue;
    for (const old of [m0, m1, m2]) {
      assertEquals(await assertRefused(pair.states.high, old), NOTHING);
    }
  }
  const other = new Pair(await startBoth("second"));
  assertEquals(await assertRefused(other.states.high, m0), NOTHING);
  assertEquals(await assertRefused(other.states.low, await pair.seal("high", "x")), NOTHING);
  // The same keys under another session's name: the name is authenticated, too.
  const renamed = { ...START.high, sessionId: new Uint8Array(32) };
  await assertRefused(renamed, m0);
});

Deno.test("ratchet, attack 4: our own message, sent back, is refused", async () => {
  const pair = new Pair();
  const sent = [await pair.seal("low", "mine"), await pair.seal("high", "mine")] as const;
  for (let turn = 0; turn < 3; turn++) {
    assertEquals(await assertRefused(pair.states.low, sent[0]), NOTHING);
    assertEquals(await assertRefused(pair.states.high, sent[1]), NOTHING);
    await pair.turns(2);
  }
});

Deno.test("ratchet, attack 5: an envelope cut to another padded length is refused for its tag", async () => {
  const pair = new Pair();
  const { ratchet, bytes } = await ratchetEncrypt(
    START.low,
    pad(new Uint8Array(2000)),
    environment,
  );
  pair.states.low = ratchet;
  assertEquals(bytes.length, 2769 + 2048);
  for (const length of [1280, 1984]) {
    assertEquals(await assertRefused(START.high, bytes.slice(0, 2769 + length)), NOTHING);
  }
});

Deno.test("ratchet, attack 6: counters that a thief of the header key makes up cost no power and no step", async () => {
  const { pair, bytes, key, victim } = await atNewChain();
  const huge = 2 ** 32 - 1;
  // R6: two messages of the chain before have come.
  for (
    const changes of [
      { number: huge },
      { number: MAX_SKIP + 1 },
      { previousLength: 0 },
      { previousLength: 1 },
      { previousLength: 2 + MAX_SKIP + 1 },
      { previousLength: huge },
    ]
  ) {
    const cost = await assertRefused(victim, await withHeader(key, bytes, changes));
    assertEquals(cost, NOTHING, JSON.stringify(changes));
  }
  // As far ahead as is allowed: what it costs at most, before its box is found out.
  const dearest = { previousLength: 2 + MAX_SKIP, number: MAX_SKIP };
  const { powers, decapsulations } = await assertRefused(
    victim,
    await withHeader(key, bytes, dearest),
  );
  assertEquals([powers, decapsulations], [1, 1]);
  // R5
  await pair.open("high", bytes);
  const next = await pair.seal("low", "the same chain");
  for (const number of [huge, 1 + MAX_SKIP + 1, 0]) {
    const forged = await withHeader(key, next, { number });
    assertEquals(await assertRefused(pair.states.high, forged), NOTHING, `${number}`);
  }
  assertEquals(await pair.open("high", next), "the same chain");
});

Deno.test("ratchet, attack 6: high's first chain has no chain before it and answers nobody", async () => {
  const pair = new Pair();
  const bytes = await pair.seal("low", "chain 1");
  const key = pair.states.low.sending!.headerKey;
  const later = await withHeader(key, bytes, { previousLength: 1 });
  assertEquals(await assertRefused(START.high, later), NOTHING);
  const kemCiphertext = flipBit(new Uint8Array(KEM_CIPHERTEXT_BYTES), 1087);
  const answering = await withAnnouncement(key, bytes, { kemCiphertext });
  assertEquals(await assertRefused(START.high, answering), NOTHING);
});

Deno.test("ratchet, attack 7: a share outside the subgroup and a key that encodes none are refused when they come", async () => {
  const { bytes, key, victim } = await atNewChain();
  const { p } = SMALL_GROUP;
  for (const value of [0n, 1n, p - 1n, p, p + 1n, 5n, p - 4n]) {
    const share = i2osp(value, GROUP.elementBytes);
    const forged = await withAnnouncement(key, bytes, { share });
    assertEquals(await assertRefused(victim, forged, `${value}`), NOTHING);
  }
  const { kemKey } = parseAnnouncement(headerOf(key, bytes).announcement);
  // The first coefficient is 3329 = 0xd01: the lower eight bits first.
  const tooLarge = kemKey.map((byte, i) => [0x01, byte & 0xf0 | 0xd][i] ?? byte);
  const forged = await withAnnouncement(key, bytes, { kemKey: tooLarge });
  assertEquals(await assertRefused(victim, forged), NOTHING);
});

/** A KEM whose ciphertexts are changed after they were made: the sender's step is with the secret, all the same. */
function tampering(change: (ciphertext: Bytes) => Bytes): Kem {
  return {
    generate: () => mlKem768.generate(),
    encapsulate: async (publicKey) => {
      const { ciphertext, secret } = (await mlKem768.encapsulate(publicKey))!;
      return { ciphertext: change(ciphertext), secret };
    },
  };
}

Deno.test("ratchet, attack 8: a turn without its KEM does not open, and leaves the state as it was", async () => {
  const pair = new Pair();
  await pair.turns(3);
  const { kemCiphertext: earlier } = parseAnnouncement(pair.states.high.sending!.announcement);
  const kems: Record<string, Kem> = {
    "c zeros": tampering((ciphertext) => ciphertext.map(() => 0)),
    "c of another chain": tampering(() => earlier),
    "one bit of c": tampering((ciphertext) => flipBit(ciphertext, 700)),
    // As if it were chain 1: zeros for the secret and for c.
    "no KEM at all": {
      generate: () => mlKem768.generate(),
      encapsulate: () =>
        Promise.resolve({
          ciphertext: new Uint8Array(KEM_CIPHERTEXT_BYTES),
          secret: new Uint8Array(32),
        }),
    },
  };
  for (const [what, kem] of Object.entries(kems)) {
    const fork = new Pair(pair.states, what, kem);
    const bytes = await fork.seal("high", what);
    const { powers, decapsulations } = await assertRefused(pair.states.low, bytes, what);
    assertEquals([powers, decapsulations], [1, 1], "R8: only the box told");
  }
  await pair.send("high", "the real one");
});

Deno.test("ratchet, attack 9: a new chain from one who has not seen our pair is refused", async () => {
  // Low has said nothing yet, so there is no pair that chain 2 could answer. Its header key is known all the same.
  const { nextReceiving } = START.low;
  const sent = await new Pair().seal("high", "chain 0");
  const { headerKey } = START.high.sending!;
  const pair = (await new Pair().sealAll("low", "chain 1"))[0]!;
  const announced = headerOf(START.high.nextReceiving, pair).announcement;
  const header = { ...headerOf(headerKey, sent), announcement: announced };
  const forged = await withHeader(nextReceiving, sent, header);
  assertEquals(await assertRefused(START.low, forged), NOTHING);
});

Deno.test("ratchet, attack 12: a peer that changes the announcement within a chain is at fault itself", async () => {
  const { pair, bytes } = await atNewChain();
  const late = await pair.sealAll("low", "late", "later");
  await pair.open("high", bytes);
  /** What low seals when it lies about the pair of its chain. */
  const lie = async (at: number) => {
    const sending = pair.states.low.sending!;
    const lying = { ...sending, announcement: flipBit(sending.announcement, at) };
    const state: Ratchet = { ...pair.states.low, sending: lying };
    return (await ratchetEncrypt(state, pad(utf8("lie")), environment)).bytes;
  };
  const faultOf = async (bytes: Bytes) => {
    const opened = await ratchetDecrypt(pair.states.high, bytes, random);
    return [textOf(opened), opened.fault?.code, opened.fault?.field];
  };
  for (const at of [0, 400, 2655]) {
    assertEquals(await faultOf(await lie(at)), ["lie", "malformed", "message.announcement"]);
  }
  // Of messages that come late, and of an old chain, it is the same.
  const lied = await lie(7);
  await pair.seal("low", "in place of the lie");
  await pair.send("low", "ahead of it");
  assertEquals(await faultOf(lied), ["lie", "malformed", "message.announcement"]);
  assertEquals(await faultOf(late[0]!), ["late", undefined, undefined]);
  await pair.send("high", "answer");
  await pair.send("low", "next chain");
  assertEquals(await faultOf(lied), ["lie", "malformed", "message.announcement"]);
  assertEquals(await faultOf(late[0]!), ["late", undefined, undefined]);
});

Deno.test("a session refuses what the network may have done, and ends for an announcement that changes", async () => {
  const conversation = await securedPair();
  const genuine = await sealAs(conversation, "bob", {});
  for (
    const [bytes, code] of [
      [genuine.slice(0, -1), "malformed"],
      [flipBit(genuine, 2000), "bad-message"],
    ] as const
  ) {
    const effects = await conversation.receive("alice", "received_message", bytes);
    assertEquals(typesOf(effects), ["refused"]);
    assertEquals(effectsOf(effects, "refused")[0]!.error.code, code);
  }
  assertEquals(await conversation.receive("alice", "received_message", genuine), []);
  const session = conversation.sessions.bob;
  const { ratchet } = session.channel!;
  const sending = { ...ratchet.sending!, announcement: flipBit(ratchet.sending!.announcement, 0) };
  const channel = { ...session.channel!, ratchet: { ...ratchet, sending } };
  conversation.sessions.bob = { ...session, channel };
  const lie = await sealAs(conversation, "bob", {});
  const effects = await conversation.receive("alice", "received_message", lie);
  assertEquals(effectsOf(effects, "failed")[0]?.error.code, "malformed");
  assertEquals(conversation.sessions.alice.phase, "ended");
});

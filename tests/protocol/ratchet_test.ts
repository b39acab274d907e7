import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { concatBytes, fromUtf8, utf8 } from "../../lib/crypto/bytes.ts";
import { DiffieHellmanKeyPair, parseShare } from "../../lib/crypto/diffie_hellman.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { hkdf, hmacSha256 } from "../../lib/crypto/hash.ts";
import type { Random } from "../../lib/crypto/random.ts";
import { CheckError, EXIT, WireError } from "../../lib/errors.ts";
import { MAX_SKIP, MAX_SKIPPED_STEPS, MAX_SKIPPED_STORED } from "../../lib/protocol/constants.ts";
import type { Established } from "../../lib/protocol/handshake.ts";
import { deriveKeys, otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import {
  type Chain,
  type Ratchet,
  ratchetDecrypt,
  ratchetEncrypt,
  startRatchet,
} from "../../lib/protocol/ratchet.ts";
import { encodeEnvelope, type Envelope, GROUP, parseEnvelope } from "../../lib/protocol/wire.ts";
import { identityOf, SMALL_GROUP } from "../helpers/session_pair.ts";
import {
  boundaries,
  Dice,
  flipBit,
  LAYOUT,
  lengthOf,
  offsetOf,
  permutations,
} from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const random = seededRandom("ratchet");

/** Both sides' states, right after the handshake. They are immutable: every test begins with these. */
const START: Readonly<Record<Role, Ratchet>> = await startBoth("first");

async function startBoth(seed: string): Promise<Record<Role, Ratchet>> {
  const bytes = utf8(seed);
  const transcript = { helloLow: bytes, helloHigh: bytes, shareLow: bytes, shareHigh: bytes };
  const secrets = { diffieHellman: bytes, kemLow: bytes, kemHigh: bytes };
  const keys = await deriveKeys(transcript, secrets);
  const pairs = {
    low: DiffieHellmanKeyPair.generate(SMALL_GROUP, random),
    high: DiffieHellmanKeyPair.generate(SMALL_GROUP, random),
  };
  const established = (role: Role): Established => ({
    role,
    keys,
    ratchet: pairs[role],
    peerRatchetKey: pairs[otherRole(role)].share,
    peerIdentity: identityOf("peer").publicKey,
    peerName: "",
    deniable: false,
    transcript,
  });
  return {
    low: await startRatchet(established("low"), random),
    high: await startRatchet(established("high"), random),
  };
}

/** Two ratchets that a test leads along. */
class Pair {
  readonly states: Record<Role, Ratchet>;
  readonly random: Random;

  constructor(states: Readonly<Record<Role, Ratchet>> = START, seed = "pair") {
    this.states = { ...states };
    this.random = seededRandom(seed);
  }

  /** Seals a text, and does not deliver it. */
  async seal(from: Role, text: string): Promise<Bytes> {
    const { ratchet, bytes } = await ratchetEncrypt(this.states[from], utf8(text), this.random);
    this.states[from] = ratchet;
    return bytes;
  }

  async sealAll(from: Role, ...texts: string[]): Promise<Bytes[]> {
    const sealed: Bytes[] = [];
    for (const text of texts) sealed.push(await this.seal(from, text));
    return sealed;
  }

  /** Opens what was sealed. */
  async open(at: Role, bytes: Bytes): Promise<string> {
    const { ratchet, payload } = await ratchetDecrypt(this.states[at], bytes, this.random);
    this.states[at] = ratchet;
    return fromUtf8(payload);
  }

  /** Seals and opens at once. */
  async send(from: Role, text: string): Promise<Bytes> {
    const bytes = await this.seal(from, text);
    assertEquals(await this.open(otherRole(from), bytes), text);
    return bytes;
  }
}

/** All that a state holds, as text; private exponents are in there by their public shares. */
function snapshot(state: Ratchet): string {
  return JSON.stringify(
    state,
    (_, value) =>
      value instanceof Uint8Array
        ? value.toHex()
        : typeof value === "bigint"
        ? String(value)
        : value,
  );
}

/** Whether a state opens a message, without moving on. */
async function opens(state: Ratchet, bytes: Bytes): Promise<string | null> {
  try {
    return fromUtf8((await ratchetDecrypt(state, bytes, random)).payload);
  } catch (error) {
    assertInstanceOf(error, CheckError);
    return null;
  }
}

/** Nobody can open this here: one error for every fault, and the state stays as it is. */
async function assertRefused(state: Ratchet, bytes: Bytes, what = ""): Promise<void> {
  const before = snapshot(state);
  const error = await assertRejects(
    () => ratchetDecrypt(state, bytes, random),
    CheckError,
    undefined,
    what,
  );
  assertEquals([error.code, error.exitCode], ["bad-message", EXIT.untrusted]);
  assertEquals(snapshot(state), before);
}

/** The envelope with some of its fields changed. */
function altered(bytes: Bytes, changes: Partial<Envelope>): Bytes {
  return encodeEnvelope({ ...parseEnvelope(bytes), ...changes });
}

Deno.test("ratchet: a root step gives a root and a chain key of 32 bytes each, from both ratchet keys", async () => {
  const { low, high } = START;
  const secret = high.own.sharedSecret(parseShare(SMALL_GROUP, low.own.share)!, random);
  const derived = await hkdf(secret, high.root, utf8("parley-1 ratchet root"), 64);
  assertEquals([low.root, low.sending.key], [derived.slice(0, 32), derived.slice(32)]);
});

Deno.test("ratchet: a conversation in order, with turns of every length", async () => {
  const pair = new Pair();
  const turns = [["low", 1], ["high", 2], ["low", 3], ["high", 1], ["high", 1], [
    "low",
    1,
  ]] as const;
  let n = 0;
  for (const [from, count] of turns) {
    for (let i = 0; i < count; i++) await pair.send(from, `message ${n++}`);
  }
});

Deno.test("ratchet: either side may speak first, or both at once", async () => {
  for (const first of ["low", "high"] as const) {
    const pair = new Pair();
    await pair.send(first, "I am first");
    await pair.send(otherRole(first), "I am second");
    await pair.send(first, "I am third");
  }
  const pair = new Pair();
  const crossing = {
    low: await pair.sealAll("low", "low 1", "low 2"),
    high: await pair.sealAll("high", "high 1", "high 2"),
  };
  for (const i of [0, 1]) {
    assertEquals(await pair.open("high", crossing.low[i]!), `low ${i + 1}`);
    assertEquals(await pair.open("low", crossing.high[i]!), `high ${i + 1}`);
  }
  for (const from of ["low", "high", "low"] as const) await pair.send(from, "and on");
});

heavyTest("ratchet: every order of arrival of two chains' messages", async () => {
  // Two of one chain that are late, and, after an answer, two of the next: 24 orders.
  const pair = new Pair();
  const before = await pair.sealAll("low", "a0", "a1", "a2");
  await pair.open("high", before[0]!);
  await pair.send("high", "answer");
  const texts = ["a1", "a2", "b0", "b1"];
  const sealed = [before[1]!, before[2]!, ...await pair.sealAll("low", "b0", "b1")];
  for (const order of permutations([0, 1, 2, 3])) {
    const fork = new Pair(pair.states, "fork");
    for (const i of order) assertEquals(await fork.open("high", sealed[i]!), texts[i]);
    assertEquals(fork.states.high.skipped.length, 0, "every key that was kept is used");
    await fork.send("high", "and on");
    await fork.send("low", "and on");
  }
});

Deno.test("ratchet: lost messages hold nothing up, in a chain and at its end", async () => {
  const pair = new Pair();
  const first = await pair.sealAll("low", "0", "1", "2", "3", "4");
  assertEquals(await pair.open("high", first[2]!), "2");
  await pair.send("high", "answer");
  // 3 and 4 are lost, too: the next chain begins, and says how long the one before was.
  await pair.send("low", "next chain");
  const kept = pair.states.high.skipped.map(({ number }) => number);
  assertEquals(kept, [0, 1, 3, 4]);
  // They come after all.
  for (const i of [4, 0, 3, 1]) assertEquals(await pair.open("high", first[i]!), String(i));
  assertEquals(pair.states.high.skipped, []);
});

heavyTest(
  "ratchet: MAX_SKIP messages of a chain may be skipped, and one more may not",
  async () => {
    for (const established of [true, false]) {
      const pair = new Pair();
      // Both in the chain that is being received, and in one that begins with this message.
      if (established) await pair.send("low", "0");
      await lose(pair, "low", MAX_SKIP);
      const fork = new Pair(pair.states, "fork");
      assertEquals(
        await fork.open("high", await fork.seal("low", "just near enough")),
        "just near enough",
      );
      assertEquals(fork.states.high.skipped.length, MAX_SKIP);
      await lose(pair, "low", 1);
      await assertRefused(pair.states.high, await pair.seal("low", "too far"));
    }
  },
);

Deno.test("ratchet: a message opens once: a replay is refused at once, later, and in another chain", async () => {
  const pair = new Pair();
  const [m0, m1, m2] = await pair.sealAll("low", "0", "1", "2") as [Bytes, Bytes, Bytes];
  await pair.open("high", m0);
  await assertRefused(pair.states.high, m0, "the latest again");
  await pair.open("high", m2);
  await assertRefused(pair.states.high, m0);
  await assertRefused(pair.states.high, m2);
  await pair.open("high", m1);
  await assertRefused(pair.states.high, m1, "a skipped one again");
  await pair.send("high", "answer");
  await pair.send("low", "next chain");
  for (const old of [m0, m1, m2]) await assertRefused(pair.states.high, old, "an older chain's");
});

Deno.test("ratchet: our own message, sent back, is refused", async () => {
  const pair = new Pair();
  const [low, high] = [await pair.seal("low", "mine"), await pair.seal("high", "mine")];
  await assertRefused(pair.states.low, low);
  await assertRefused(pair.states.high, high);
  await pair.open("high", low);
  await assertRefused(pair.states.low, low);
  await pair.open("low", high);
  await assertRefused(pair.states.high, high);
});

Deno.test("ratchet: a message of another session is refused", async () => {
  const [one, other] = [new Pair(), new Pair(await startBoth("second"))];
  await assertRefused(one.states.high, await other.seal("low", "hello"));
  await assertRefused(one.states.low, await other.seal("high", "hello"));
  // The same keys under another session's name: the name is authenticated, too.
  const renamed = { ...one.states.high, sessionId: new Uint8Array(32) };
  await assertRefused(renamed, await one.seal("low", "hello"));
});

heavyTest(
  "ratchet: a bit changed anywhere is refused, the state stays, and the genuine message opens",
  async () => {
    const pair = new Pair();
    await pair.send("low", "first");
    await pair.send("high", "second");
    const opening = await pair.seal("low", "it begins a chain");
    const at = {
      key: offsetOf(LAYOUT.message, "ratchetKey"),
      counters: offsetOf(LAYOUT.message, "previousLength"),
    };
    // Where it begins a chain every trial costs a step of the ratchet: one bit of every field.
    for (
      const i of [...boundaries(LAYOUT.message), opening.length - 1].filter((i) => i >= at.key)
    ) {
      await assertRefused(pair.states.high, flipBit(opening, i, i % 8));
    }
    assertEquals(await pair.open("high", opening), "it begins a chain");
    // Inside of a chain: every bit of the counters and the box, and some of the key.
    const genuine = await pair.seal("low", "a genuine message");
    for (let i = at.counters; i < genuine.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        await assertRefused(pair.states.high, flipBit(genuine, i, bit));
      }
    }
    for (let i = 0; i < 12; i++) {
      await assertRefused(pair.states.high, flipBit(genuine, at.key + 35 * i, i % 8));
    }
    for (let i = 0; i < 9; i++) {
      await assertRejects(
        () => ratchetDecrypt(pair.states.high, flipBit(genuine, i), random),
        // The suite's last byte is its version.
        i === 7 ? CheckError : WireError,
      );
    }
    assertEquals(await pair.open("high", genuine), "a genuine message");
  },
);

Deno.test("ratchet: forgeries against a skipped key and an old chain leave the keys where they are", async () => {
  const pair = new Pair();
  const [m0, m1] = await pair.sealAll("low", "0", "1") as [Bytes, Bytes];
  await pair.open("high", m1);
  await pair.send("high", "answer");
  await pair.send("low", "next chain");
  const { box } = parseEnvelope(m0);
  await assertRefused(pair.states.high, altered(m0, { box: flipBit(box, box.length - 1) }));
  await assertRefused(pair.states.high, altered(m0, { previousLength: 7 }));
  assertEquals(await pair.open("high", m0), "0");
});

Deno.test("ratchet: a ratchet key outside the subgroup is refused before it meets our exponent", async () => {
  const pair = new Pair();
  const genuine = await pair.seal("low", "hello");
  const { p } = SMALL_GROUP;
  for (const value of [0n, 1n, p - 1n, p, p + 1n, 5n, p - 4n]) {
    const drawn: number[] = [];
    const forged = altered(genuine, { ratchetKey: i2osp(value, GROUP.elementBytes) });
    const counting: Random = (length) => (drawn.push(length), random(length));
    await assertRejects(() => ratchetDecrypt(pair.states.high, forged, counting), CheckError);
    assertEquals(drawn, [], "no exponent was blinded, so none was used");
    await assertRefused(pair.states.high, forged);
  }
});

/** A chain, `count` messages further on: what the chain's owner would do, without sealing anything. */
async function wind(chain: Chain, count: number): Promise<Chain> {
  let { key } = chain;
  for (let i = 0; i < count; i++) key = await hmacSha256(key, Uint8Array.of(2));
  return { key, next: chain.next + count };
}

/** `from` goes silent for `count` messages: they are numbered and never come. */
async function lose(pair: Pair, from: Role, count: number): Promise<void> {
  const sending = await wind(pair.states[from].sending, count);
  pair.states[from] = { ...pair.states[from], sending };
}

heavyTest(
  "ratchet: MAX_SKIP holds for the end of a chain, too, when the next one begins",
  async () => {
    for (const lost of [MAX_SKIP, MAX_SKIP + 1]) {
      const pair = new Pair();
      await pair.send("low", "0");
      await lose(pair, "low", lost);
      await pair.send("high", "answer");
      const next = await pair.seal("low", "next chain");
      assertEquals(parseEnvelope(next).previousLength, 1 + lost);
      if (lost > MAX_SKIP) await assertRefused(pair.states.high, next);
      else assertEquals(await pair.open("high", next), "next chain");
    }
  },
);

heavyTest(
  "ratchet: at most MAX_SKIPPED_STORED keys are stored in all, and the oldest are dropped first",
  async () => {
    assertEquals([MAX_SKIP, MAX_SKIPPED_STORED], [1000, 2000]);
    const pair = new Pair();
    const oldest = await pair.seal("low", "the oldest");
    for (const round of [0, 1]) {
      await lose(pair, "low", MAX_SKIP - (round === 0 ? 1 : 0));
      await pair.send("low", `after the gap ${round}`);
      await pair.send("high", "answer");
    }
    assertEquals(pair.states.high.skipped.length, MAX_SKIPPED_STORED);
    assertEquals(await opens(pair.states.high, oldest), "the oldest");
    const second = await pair.seal("low", "lost for now");
    await pair.send("low", "one more");
    assertEquals(pair.states.high.skipped.length, MAX_SKIPPED_STORED);
    await assertRefused(pair.states.high, oldest, "its key went to make room");
    assertEquals(await pair.open("high", second), "lost for now");
  },
);

Deno.test("ratchet: a skipped key is stored for MAX_SKIPPED_STEPS steps, and then dropped", async () => {
  assertEquals(MAX_SKIPPED_STEPS, 16);
  const pair = new Pair();
  const late = await pair.seal("low", "late");
  await pair.send("low", "in time");
  // One step at the high side for each round trip. The chain in which it was skipped began with the first.
  for (let step = 0; step < MAX_SKIPPED_STEPS; step++) {
    assertEquals(await opens(pair.states.high, late), "late", `after ${step} steps`);
    await pair.send("high", "answer");
    await pair.send("low", "next chain");
  }
  assertEquals(await opens(pair.states.high, late), "late");
  assertEquals(await thiefReads(pair.states.high, late), "late");
  await pair.send("high", "answer");
  await pair.send("low", "next chain");
  await assertRefused(pair.states.high, late);
  assertEquals(await thiefReads(pair.states.high, late), null);
  assertEquals(pair.states.high.skipped, []);
});

Deno.test("ratchet: each side's first message is under the ratchet key that it signed", async () => {
  const { low, high } = START;
  for (const [state, peer] of [[low, high], [high, low]] as const) {
    const { bytes } = await ratchetEncrypt(state, utf8("first"), random);
    assertEquals(parseEnvelope(bytes).ratchetKey, state.own.share);
    assertEquals(await opens(peer, bytes), "first");
  }
  assertEquals(low.receiving!.ratchetKey, high.own.share);
});

/** How many HMACs WebCrypto computes while `run` runs. */
async function countHmacs(run: () => Promise<unknown>): Promise<number> {
  const { sign } = crypto.subtle;
  let count = 0;
  crypto.subtle.sign = function (...parameters: unknown[]) {
    count++;
    return Reflect.apply(sign, crypto.subtle, parameters);
  } as typeof sign;
  try {
    await run();
  } finally {
    crypto.subtle.sign = sign;
  }
  return count;
}

heavyTest("ratchet: hostile counters cost bounded work", async () => {
  const pair = new Pair();
  await pair.send("low", "0");
  await pair.send("high", "1");
  const genuine = await pair.seal("low", "2");
  const mine = parseEnvelope(genuine).ratchetKey;
  const known = pair.states.high.receiving!.ratchetKey;
  const huge = 2 ** 32 - 1;
  const cheap: Partial<Envelope>[] = [
    { ratchetKey: known, number: huge },
    { ratchetKey: known, number: MAX_SKIP + 2 },
    { ratchetKey: known, previousLength: huge, number: huge },
    { ratchetKey: mine, number: huge },
    { ratchetKey: mine, number: MAX_SKIP + 1 },
    { ratchetKey: mine, previousLength: huge },
    { ratchetKey: mine, previousLength: MAX_SKIP + 2 },
    { ratchetKey: mine, previousLength: 0 },
    { ratchetKey: mine, previousLength: huge, number: huge },
  ];
  for (const changes of cheap) {
    const forged = altered(genuine, changes);
    const drawn: number[] = [];
    const counting: Random = (length) => (drawn.push(length), random(length));
    const hmacs = await countHmacs(() =>
      assertRejects(() => ratchetDecrypt(pair.states.high, forged, counting), CheckError)
    );
    assertEquals(
      [hmacs, drawn.length],
      [0, 0],
      JSON.stringify({ ...changes, ratchetKey: undefined }),
    );
  }
  // The dearest forgery: as far ahead as is allowed, in the old chain and in the new one.
  const dearest = altered(genuine, { previousLength: 1 + MAX_SKIP, number: MAX_SKIP });
  const hmacs = await countHmacs(() => assertRefused(pair.states.high, dearest));
  assertEquals(
    hmacs,
    2 * (2 * MAX_SKIP + 1),
    "two for each key that is skipped, and for the message's",
  );
  assertEquals(await pair.open("high", genuine), "2");
});

heavyTest(
  "ratchet: over a long random exchange no message key and no IV is used twice",
  async () => {
    const dice = new Dice(7);
    const pair = new Pair(START, "long exchange");
    const underway: Record<Role, { bytes: Bytes; text: string }[]> = { low: [], high: [] };
    const keys = new Set<string>();
    const ivs = new Set<string>();
    const chains = new Set<string>();
    const ciphertexts = new Set<string>();
    const total = 300;
    let opened = 0;
    for (let sent = 0; sent < total || underway.low.length + underway.high.length > 0;) {
      const role = dice.pick(["low", "high"] as const);
      if (sent < total && dice.below(2) > 0) {
        // The message key is the chain key's child, so distinct chain keys are distinct message keys.
        keys.add(pair.states[role].sending.key.toHex());
        const text = `message ${sent++}`;
        const bytes = await pair.seal(role, text);
        const { box, ratchetKey } = parseEnvelope(bytes);
        chains.add(ratchetKey.toHex());
        ivs.add(box.slice(0, 16).toHex());
        ciphertexts.add(box.slice(16).toHex());
        underway[otherRole(role)].push({ bytes, text });
        continue;
      }
      // Some arrive: mostly in order; now and then one overtakes, and one in thirty is lost.
      for (let count = dice.below(6); count > 0 && underway[role].length > 0; count--) {
        const at = dice.below(4) === 0 ? dice.below(underway[role].length) : 0;
        const [parcel] = underway[role].splice(at, 1);
        if (dice.below(30) === 0) continue;
        assertEquals(await pair.open(role, parcel!.bytes), parcel!.text);
        opened++;
      }
    }
    assert(opened > total * 0.9);
    assertEquals([keys.size, ivs.size, ciphertexts.size], [total, total, total]);
    assert(chains.size > 40, `${chains.size} chains`);
  },
);

Deno.test("ratchet: sealing twice from one state takes another IV each time", async () => {
  // Whoever goes back to an older state by mistake repeats a key; the IV still differs.
  const [one, other] = [
    await ratchetEncrypt(START.low, utf8("same"), random),
    await ratchetEncrypt(START.low, utf8("same"), random),
  ];
  const boxes = [one, other].map(({ bytes }) => parseEnvelope(bytes).box);
  assertEquals(new Set(boxes.map((box) => box.slice(0, 16).toHex())).size, 2);
});

/** Every way that this library gives to open `bytes` from a state: as its owner, and along every chain key. */
async function thiefReads(stolen: Ratchet, bytes: Bytes): Promise<string | null> {
  const asOwner = await opens(stolen, bytes);
  if (asOwner !== null) return asOwner;
  const { ratchetKey, number } = parseEnvelope(bytes);
  const chains = [stolen.sending, ...(stolen.receiving === null ? [] : [stolen.receiving])];
  for (const chain of chains) {
    // The chain's next number is what the thief says it is: he tries his key at every place of the message.
    for (let next = Math.max(0, number - 20); next <= number; next++) {
      const receiving = { key: chain.key, next, ratchetKey };
      const read = await opens({ ...stolen, receiving, skipped: [] }, bytes);
      if (read !== null) return read;
    }
    // Or is his key that of the message itself?
    const read = await opens(
      { ...stolen, skipped: [{ ratchetKey, number, key: chain.key, step: 0 }] },
      bytes,
    );
    if (read !== null) return read;
  }
  return null;
}

Deno.test("ratchet, forward secrecy: a stolen state opens nothing that was opened before", async () => {
  const pair = new Pair();
  const recorded: Bytes[] = [];
  const states: Record<Role, Ratchet>[] = [];
  const script = ["low", "low", "high", "high", "low", "high", "low", "low"] as const;
  for (const [i, from] of script.entries()) {
    states.push({ ...pair.states });
    recorded.push(await pair.send(from, `message ${i}`));
  }
  for (const role of ["low", "high"] as const) {
    const stolen = pair.states[role];
    for (const bytes of recorded) assertEquals(await thiefReads(stolen, bytes), null);
    // The thief has teeth: from the state before each message he reads that message.
    for (const [i, bytes] of recorded.entries()) {
      assertEquals(await thiefReads(states[i]![role], bytes), `message ${i}`);
    }
  }
});

Deno.test("ratchet, forward secrecy: a skipped message stays readable, and its neighbours do not", async () => {
  const pair = new Pair();
  const [m0, m1, m2] = await pair.sealAll("low", "0", "1", "2") as [Bytes, Bytes, Bytes];
  await pair.open("high", m0);
  await pair.open("high", m2);
  const stolen = pair.states.high;
  assertEquals(await thiefReads(stolen, m1), "1");
  assertEquals(await thiefReads(stolen, m0), null);
  assertEquals(await thiefReads(stolen, m2), null);
  await pair.open("high", m1);
  assertEquals(await thiefReads(pair.states.high, m1), null);
});

Deno.test("ratchet, healing: after a round trip the thief reads nothing more, and until then everything", async () => {
  for (const victim of ["low", "high"] as const) {
    const peer = otherRole(victim);
    const pair = new Pair();
    for (const from of ["low", "high", "low", "high"] as const) await pair.send(from, "before");
    // What the thief takes is the whole state. From here on he listens, and follows as far as he can.
    let stolen = pair.states[victim];
    const follow = async (bytes: Bytes) => {
      const read = await thiefReads(stolen, bytes);
      try {
        stolen = (await ratchetDecrypt(stolen, bytes, seededRandom("thief"))).ratchet;
      } catch {
        // Not a message to the victim, or one that he can't read.
      }
      return read;
    };
    const reads: (string | null)[] = [];
    const script = [victim, peer, victim, peer, victim, peer, victim];
    for (const [i, from] of script.entries()) {
      reads.push(await follow(await pair.send(from, `after ${i}`)));
    }
    // The victim's chain and the peer's answer to a key that was stolen are open to him. With that answer the
    // victim draws a fresh key, which he has not, and all that follows is closed.
    assertEquals(reads, ["after 0", "after 1", null, null, null, null, null], victim);
  }
});

Deno.test("ratchet: a state is never changed by what it leads to", async () => {
  const before = [snapshot(START.low), snapshot(START.high)];
  const pair = new Pair();
  const [m0, m1] = await pair.sealAll("low", "0", "1") as [Bytes, Bytes];
  const middle = pair.states.high;
  await pair.open("high", m1);
  await pair.open("high", m0);
  assertEquals([snapshot(START.low), snapshot(START.high)], before);
  assertEquals(snapshot(middle), before[1]);
});

Deno.test("ratchet: an envelope shows its key, its counters and its padded length, and nothing else", async () => {
  const pair = new Pair();
  const [one, other] = [
    await pair.seal("low", "a".repeat(100)),
    await pair.seal("low", "b".repeat(100)),
  ];
  assertEquals(one.length, lengthOf(LAYOUT.message) + 100);
  const [a, b] = [parseEnvelope(one), parseEnvelope(other)];
  assertEquals([a.number, b.number, a.previousLength], [0, 1, 0]);
  assertEquals(a.ratchetKey, b.ratchetKey);
  assert(!concatBytes(a.box, b.box).toHex().includes("61".repeat(16)));
});

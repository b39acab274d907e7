import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { mlKem768 } from "../../lib/crypto/kem.ts";
import { CheckError, WireError } from "../../lib/errors.ts";
import {
  MAX_OLD_CHAINS,
  MAX_SKIP,
  MAX_SKIPPED_STORED,
  MIN_PADDED_BYTES,
} from "../../lib/protocol/constants.ts";
import { otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import { pad } from "../../lib/protocol/padding.ts";
import {
  type Ratchet,
  ratchetDecrypt,
  ratchetEncrypt,
  turnAhead,
} from "../../lib/protocol/ratchet.ts";
import { ENVELOPE_OVERHEAD_BYTES, parseEnvelope } from "../../lib/protocol/wire.ts";
import { Dice, permutations } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { assertRefused, headerOf, Pair, snapshot, START } from "./ratchet_pair.ts";

const random = seededRandom("ratchet");
const environment = { random, kem: mlKem768 };

/** The numbers of the messages whose keys a state keeps, of the newest chain and of older ones. */
function skippedBy({ receiving, old }: Ratchet): number[][] {
  return [receiving!, ...old].map(({ skipped }) => skipped.map(({ number }) => number));
}

/** How many skipped keys a state keeps. */
const countSkipped = (state: Ratchet) => skippedBy(state).flat().length;

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

Deno.test("ratchet: chains form one line, and each turn answers the newest pair of the peer", async () => {
  const pair = new Pair();
  const [low, high] = [pair.states.low, pair.states.high];
  // Low's first answers nobody, and high begins with a chain of its own.
  assertEquals([low.turn, low.sending, high.turn], [{ answers: null }, null, null]);
  assertEquals(
    [low.receiving!.announcement, high.sending!.announcement].map((a) => a.some(Boolean)),
    [
      false,
      false,
    ],
  );
  await pair.send("low", "chain 1");
  const { own, turn, root } = pair.states.low;
  assertEquals(turn, null);
  assertEquals(pair.states.high.turn!.answers!.kemKey, own!.kem.publicKey);
  assertEquals(pair.states.high.root, root, "opening moves the root on, too");
  // A second message of the chain asks for no other answer, and high's turn is made when it speaks.
  await pair.send("low", "chain 1 again");
  assertEquals(pair.states.high.own, null);
  await pair.send("high", "chain 2");
  assertEquals(pair.states.high.turn, null);
  assertEquals(pair.states.low.own, null, "a pair that was answered is forgotten");
  assertEquals(pair.states.low.root, pair.states.high.root);
  const { number, previousLength } = headerOf(
    pair.states.high.sending!.headerKey,
    await pair.seal("high", "chain 2 again"),
  );
  assertEquals([number, previousLength], [1, 0]);
});

Deno.test("turnAhead() makes the turn that is due, once, and the peer can't tell", async () => {
  const pair = new Pair();
  assertEquals(await turnAhead(pair.states.high, environment), pair.states.high);
  await pair.send("low", "question");
  const before = pair.states.high;
  const turned = await turnAhead(before, environment);
  assert(turned !== before && before.turn !== null);
  assertEquals(turned.turn, null);
  assertEquals(await turnAhead(turned, environment), turned);
  pair.states.high = turned;
  // Until it speaks, the chain before is the peer's newest: it goes on there.
  await pair.send("low", "are you there?");
  await pair.send("high", "answer");
  assertEquals(pair.states.high.own, turned.own);
  await pair.send("low", "and on");
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
    const fork = pair.fork();
    for (const i of order) assertEquals(await fork.open("high", sealed[i]!), texts[i]);
    assertEquals(skippedBy(fork.states.high), [[]], "every key that was kept is used");
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
  assertEquals(skippedBy(pair.states.high), [[], [0, 1, 3, 4]]);
  // They come after all.
  for (const i of [4, 0, 3, 1]) assertEquals(await pair.open("high", first[i]!), String(i));
  assertEquals(pair.states.high.old, [], "with its last key a chain's header key goes");
});

Deno.test("ratchet: any message of a chain opens it, and a chain that is lost as a whole waits for one", async () => {
  const pair = new Pair();
  await pair.turns(2);
  await pair.lose("low", 3);
  // Nobody answers, so low stays in its chain, and high's turns are none.
  assertEquals(await pair.open("high", await pair.seal("low", "the fourth")), "the fourth");
  assertEquals(skippedBy(pair.states.high), [[0, 1, 2]]);
  await pair.send("high", "answer");
});

heavyTest(
  "ratchet: MAX_SKIP messages may be skipped in a chain, known or new, and one more may not",
  async () => {
    assertEquals(MAX_SKIP, 256);
    for (const isKnown of [true, false]) {
      const pair = new Pair();
      if (isKnown) await pair.send("low", "0");
      await pair.lose("low", MAX_SKIP);
      const fork = pair.fork();
      await fork.send("low", "just near enough");
      assertEquals(countSkipped(fork.states.high), MAX_SKIP);
      await pair.lose("low", 1);
      const cost = await assertRefused(pair.states.high, await pair.seal("low", "too far"));
      assertEquals([cost.roots, cost.walks], [0, 0]);
    }
  },
);

heavyTest(
  "ratchet: MAX_SKIP holds for the end of a chain, too, when the next one begins",
  async () => {
    for (const lost of [MAX_SKIP, MAX_SKIP + 1]) {
      const pair = new Pair();
      await pair.send("low", "0");
      await pair.lose("low", lost);
      await pair.send("high", "answer");
      const next = await pair.seal("low", "next chain");
      if (lost > MAX_SKIP) {
        const cost = await assertRefused(pair.states.high, next);
        assertEquals([cost.powers, cost.walks], [0, 0]);
      } else assertEquals(await pair.open("high", next), "next chain");
    }
  },
);

heavyTest(
  "ratchet: at most MAX_SKIPPED_STORED keys are stored, and the oldest are dropped first",
  async () => {
    assertEquals(MAX_SKIPPED_STORED, 512);
    const pair = new Pair();
    const oldest = await pair.seal("low", "the oldest");
    await pair.lose("low", MAX_SKIP - 1);
    await pair.send("low", "after a gap");
    await pair.send("high", "answer");
    await pair.lose("low", MAX_SKIP);
    await pair.send("low", "after another");
    assertEquals(countSkipped(pair.states.high), MAX_SKIPPED_STORED);
    assertEquals(await pair.fork().open("high", oldest), "the oldest");
    const lost = await pair.seal("low", "lost for now");
    await pair.send("low", "one more");
    assertEquals(countSkipped(pair.states.high), MAX_SKIPPED_STORED);
    await assertRefused(pair.states.high, oldest, "its key went to make room");
    assertEquals(await pair.open("high", lost), "lost for now");
    // All of them in the newest chain, and none is left of the old one.
    await pair.lose("low", MAX_SKIP);
    await pair.send("low", "and a third");
    assertEquals(skippedBy(pair.states.high).map(({ length }) => length), [MAX_SKIPPED_STORED]);
  },
);

Deno.test("ratchet: a message may be eight receiving chains late, and its key opens it once", async () => {
  assertEquals(MAX_OLD_CHAINS, 8);
  const pair = new Pair();
  const [late, other] = await pair.sealAll("low", "late", "other") as [Bytes, Bytes];
  await pair.send("low", "in time");
  for (let chains = 0; chains <= MAX_OLD_CHAINS; chains++) {
    if (chains > 0) await pair.send("high", "answer");
    if (chains > 0) await pair.send("low", "next chain");
    assertEquals(await pair.fork().open("high", late), "late", `after ${chains} chains`);
  }
  assertEquals(await pair.open("high", late), "late");
  // R4: the chain is known, the key is used.
  await assertRefused(pair.states.high, late);
  assertEquals(pair.states.high.old.length, 1);
  await pair.send("high", "answer");
  await pair.send("low", "next chain");
  // R3: nobody knows its chain any more.
  await assertRefused(pair.states.high, other);
  assertEquals(pair.states.high.old, []);
});

Deno.test("ratchet: nothing is kept of eight old chains but their missing messages", async () => {
  const pair = new Pair();
  for (let chain = 0; chain < MAX_OLD_CHAINS + 3; chain++) {
    await pair.lose("low", 1);
    await pair.send("low", "here");
    await pair.send("high", "answer");
  }
  const { old } = pair.states.high;
  assertEquals(old.map(({ age }) => age), [1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(Object.keys(old[0]!).sort(), ["age", "announcement", "headerKey", "skipped"]);
});

Deno.test("ratchet: a state is never changed by what it leads to", async () => {
  const before = [snapshot(START.low), snapshot(START.high)];
  const pair = new Pair();
  const [m0, m1] = await pair.sealAll("low", "0", "1") as [Bytes, Bytes];
  await pair.open("high", m1);
  const middle = pair.states.high;
  const text = snapshot(middle);
  await pair.open("high", m0);
  await pair.send("high", "answer");
  assertEquals([snapshot(START.low), snapshot(START.high)], before);
  assertEquals(snapshot(middle), text);
});

Deno.test("ratchet: sealing twice from one state takes other IVs each time", async () => {
  // Whoever goes back to an older state by mistake repeats a key; the IVs still differ.
  const payload = pad(utf8("same"));
  const state = await turnAhead(START.low, environment);
  const sealed = [
    await ratchetEncrypt(state, payload, environment),
    await ratchetEncrypt(state, payload, environment),
  ];
  const envelopes = sealed.map(({ bytes }) => parseEnvelope(bytes));
  assertEquals(new Set(envelopes.map(({ headerIv }) => headerIv.toHex())).size, 2);
  assertEquals(new Set(envelopes.map(({ box }) => box.slice(0, 16).toHex())).size, 2);
});

Deno.test("ratchet: envelopes show their padded length, and nothing else", async () => {
  const pair = new Pair();
  await pair.turns(3);
  const before = pair.states.low.sending!.announcement;
  // The same chain, a new one, and the other side's: all have one form, and no part in common but the first bytes.
  const sealed = [
    ...await pair.sealAll("low", "a".repeat(100), "b"),
    await pair.send("high", "answer"),
    await pair.seal("low", "next chain"),
  ];
  const envelopes = sealed.map((bytes) => parseEnvelope(bytes));
  for (const [i, bytes] of sealed.entries()) {
    assertEquals(bytes.length, ENVELOPE_OVERHEAD_BYTES + MIN_PADDED_BYTES);
    assert(!bytes.toHex().includes(before.slice(0, 16).toHex()), `announcement ${i}`);
    assert(!bytes.toHex().includes("61".repeat(16)), "text");
  }
  for (const at of [0, 100, 1000, 2648]) {
    const parts = envelopes.map(({ header }) => header.slice(at, at + 16).toHex());
    assertEquals(new Set(parts).size, sealed.length, `header at ${at}`);
  }
});

Deno.test("ratchetDecrypt(): what is no envelope is malformed, and another version is named", async () => {
  const bytes = await new Pair().seal("low", "hello");
  const refusal = async (changed: Bytes) => {
    try {
      await ratchetDecrypt(START.high, changed, random);
    } catch (error) {
      return [error instanceof WireError || error instanceof CheckError, (error as WireError).code];
    }
    return null;
  };
  for (const [at, code] of [[0, "malformed"], [7, "suite-mismatch"], [8, "malformed"]] as const) {
    assertEquals(await refusal(bytes.map((byte, i) => i === at ? byte ^ 1 : byte)), [true, code]);
  }
  // Cut by one byte, or longer by one; less than the least; one class above the largest.
  for (const length of [4048, 4050, 4048 - 64, ENVELOPE_OVERHEAD_BYTES + 540_672 + 16_384]) {
    const changed = concatBytes(bytes, new Uint8Array(length)).slice(0, length);
    assertEquals(await refusal(changed), [true, "malformed"], `${length} bytes`);
  }
  assertThrows(() => parseEnvelope(bytes.slice(0, 2768)), WireError);
});

/** A network that loses, repeats and reorders, and two who speak when they like. */
async function play(seed: number, total: number): Promise<{ opened: number; chains: number }> {
  const dice = new Dice(seed);
  const pair = new Pair(START, `play ${seed}`);
  const underway: Record<Role, { bytes: Bytes; text: string }[]> = { low: [], high: [] };
  const done: Record<Role, Bytes[]> = { low: [], high: [] };
  const [keys, ivs, chains] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let opened = 0;
  for (let sent = 0; sent < total || underway.low.length + underway.high.length > 0;) {
    const role = dice.pick(["low", "high"] as const);
    const queue = underway[role];
    if (sent < total && dice.below(2) > 0) {
      if (dice.below(4) === 0) {
        pair.states[role] = await turnAhead(pair.states[role], pair.environment);
      }
      const text = `message ${sent++}`;
      const bytes = await pair.seal(role, text);
      const { sending } = pair.states[role];
      // A chain key is the child of the message key's parent, so distinct chain keys are distinct message keys.
      keys.add(sending!.key.toHex());
      chains.add(sending!.announcement.toHex());
      const { headerIv, box } = parseEnvelope(bytes);
      for (const iv of [headerIv, box.slice(0, 16)]) ivs.add(iv.toHex());
      underway[otherRole(role)].push({ bytes, text });
      continue;
    }
    // Some arrive: mostly in order; now and then one overtakes, and one in ten is lost.
    for (let count = dice.below(6); count > 0 && queue.length > 0; count--) {
      const [parcel] = queue.splice(dice.below(4) === 0 ? dice.below(queue.length) : 0, 1);
      if (dice.below(10) === 0) continue;
      assertEquals(await pair.open(role, parcel!.bytes), parcel!.text);
      done[role].push(parcel!.bytes);
      opened++;
    }
    if (done[role].length > 0 && dice.below(3) === 0) {
      await assertRefused(pair.states[role], dice.pick(done[role]), "a duplicate");
    }
  }
  assertEquals([keys.size, ivs.size], [total, 2 * total], "no key and no IV is used twice");
  for (const from of ["low", "high", "low"] as const) await pair.send(from, "still in step");
  return { opened, chains: chains.size };
}

heavyTest(
  "ratchet: through loss, reordering, duplicates and crossing turns all that arrives is opened, once",
  async () => {
    for (const seed of [1, 2, 3]) {
      const { opened, chains } = await play(seed, 90);
      assert(opened > 70 && chains > 12, `${opened} opened in ${chains} chains`);
    }
  },
);

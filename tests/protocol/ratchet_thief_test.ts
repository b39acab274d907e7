/**
 * Somebody steals a state and listens: what he reads of what was said before, and from when on he reads nothing more.
 * Every Diffie-Hellman secret is his, because the group is so small that he computes logarithms: a quantum computer.
 */
import { assert, assertEquals } from "@std/assert";
import { type Bytes, concatBytes, fromUtf8 } from "../../lib/crypto/bytes.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { i2osp, os2ip } from "../../lib/crypto/integers.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { type BoxKey, openBox } from "../../lib/crypto/secret_box.ts";
import {
  type Chain,
  messageBoxKey,
  rootStep,
  stepChain,
  walkChain,
} from "../../lib/protocol/chains.ts";
import { decryptHeader, tagCheck } from "../../lib/protocol/header.ts";
import type { Role } from "../../lib/protocol/key_schedule.ts";
import { unpad } from "../../lib/protocol/padding.ts";
import type { Ratchet, RatchetPair } from "../../lib/protocol/ratchet.ts";
import {
  ENVELOPE_PREFIX,
  GROUP,
  parseAnnouncement,
  parseEnvelope,
} from "../../lib/protocol/wire.ts";
import { Pair, startBoth } from "./ratchet_pair.ts";

/** p = 2q + 1 of 16 bits, 7 modulo 8 as the real ones are. Its exponents have 12 bits: INSECURE, and that is wanted. */
const WEAK_GROUP: Group = Object.freeze({
  name: "weak" as Group["name"],
  p: 65063n,
  q: 32531n,
  g: 2n,
  elementBytes: GROUP.elementBytes,
  exponentBits: 12,
});

/** A logarithm in the weak group. */
function logarithm(share: bigint): bigint {
  for (let d = 1n, power = WEAK_GROUP.g;; d++, power = power * WEAK_GROUP.g % WEAK_GROUP.p) {
    if (power === share) return d;
  }
}

/** The text of a message, for whoever has its message key. */
async function textUnder(sessionId: Bytes, key: Bytes, bytes: Bytes): Promise<string | null> {
  const { headerIv, header, box } = parseEnvelope(bytes);
  const authenticated = concatBytes(sessionId, ENVELOPE_PREFIX, headerIv, header);
  const payload = await openBox(messageBoxKey(key), authenticated, box);
  return payload === null ? null : fromUtf8(unpad(payload));
}

/** Everything that a stolen state opens: under the keys of its chains, and under skipped ones. */
async function readsAtOnce(stolen: Ratchet, bytes: Bytes): Promise<string | null> {
  const { sessionId, sending, receiving, old } = stolen;
  const keys = [receiving, ...old].flatMap((chain) => chain?.skipped.map(({ key }) => key) ?? []);
  for (let chain of [sending, receiving] as (Chain | null)[]) {
    if (chain === null) continue;
    // Perhaps his chain key is the message key, or one of the next twenty is.
    keys.push(chain.key);
    for (let i = 0; i < 20; i++) {
      const step = stepChain(chain);
      keys.push(step.key);
      chain = step.chain;
    }
  }
  for (const key of keys) {
    const text = await textUnder(sessionId, key, bytes);
    if (text !== null) return text;
  }
  return null;
}

/** What a thief reads of an envelope: its text, and whether its header. */
interface Reading {
  readonly text: string | null;
  readonly header: boolean;
}

/** Follows the line of chains from a stolen state on, with all that is his. */
class Thief {
  readonly #sessionId: Bytes;
  readonly #headerKeys = new Map<number, BoxKey>();
  readonly #chains = new Map<number, Chain>();
  readonly #roots = new Map<number, Bytes>();
  readonly #announcements = new Map<number, Bytes>();
  /** Private halves, by chain: the KEM's is what counts. */
  readonly #pairs = new Map<number, RatchetPair>();

  /** With what was stolen when chain `n` was the newest. */
  constructor(n: number, ...stolen: Ratchet[]) {
    this.#sessionId = stolen[0]!.sessionId;
    for (const state of stolen) this.steal(n, state);
  }

  /** One more state. */
  steal(n: number, { root, own, sending, receiving, nextSending, nextReceiving }: Ratchet): void {
    // Whose newest chain is n has it in `sending`, and the one before in `receiving`; the other side the other way.
    const isSender = own !== null;
    const [newest, before] = isSender ? [sending!, receiving!] : [receiving!, sending!];
    this.#roots.set(n, root);
    for (const [i, chain] of [[n, newest], [n - 1, before]] as const) {
      // The chain of him who is further behind opens more.
      const known = this.#chains.get(i);
      if (known === undefined || known.next > chain.next) this.#chains.set(i, chain);
      this.#headerKeys.set(i, chain.headerKey);
      this.#announcements.set(i, chain.announcement);
    }
    this.#headerKeys.set(n + 1, isSender ? nextReceiving : nextSending);
    this.#headerKeys.set(n + 2, isSender ? nextSending : nextReceiving);
    if (own !== null) this.give(n, own);
  }

  /** The private halves of a chain's pair. */
  give(i: number, pair: RatchetPair): void {
    this.#pairs.set(i, pair);
  }

  /** Reads an envelope of chain `i`, as far as he can. */
  async read(i: number, bytes: Bytes): Promise<Reading> {
    const envelope = parseEnvelope(bytes);
    const headerKey = this.#headerKeys.get(i);
    if (headerKey === undefined) return { text: null, header: false };
    assert(tagCheck(envelope)(headerKey), "the header key is that of the chain");
    const { number, announcement } = decryptHeader(headerKey, envelope);
    this.#announcements.set(i, announcement);
    const start = this.#chains.get(i) ?? await this.#follow(i);
    const key = start === null ? null : stepChain(walkChain(start, number).chain).key;
    const text = key === null ? null : await textUnder(this.#sessionId, key, bytes);
    return { text, header: true };
  }

  /** The step to chain `i`: Z by logarithms, k if the pair before is his. */
  async #follow(i: number): Promise<Chain | null> {
    const root = this.#roots.get(i - 1);
    const pair = this.#pairs.get(i - 1);
    if (root === undefined || pair === undefined) return null;
    const [own, other] = [i - 1, i].map((each) =>
      parseAnnouncement(this.#announcements.get(each)!)
    );
    const d = logarithm(os2ip(own!.share));
    const z = i2osp(modPow(os2ip(other!.share), d, WEAK_GROUP.p), WEAK_GROUP.elementBytes);
    const k = await pair.kem.decapsulate(other!.kemCiphertext);
    const step = await rootStep(root, concatBytes(z, k), this.#announcements.get(i)!);
    this.#roots.set(i, step.root);
    this.#headerKeys.set(i + 2, step.header);
    const chain = { key: step.chain, next: 0 };
    this.#chains.set(i, chain);
    return chain;
  }
}

/** The newest chain when the thief comes: high's. */
const N = 4;

/** Who speaks in a chain. */
const speakerOf = (chain: number): Role => chain % 2 === 0 ? "high" : "low";

const START = await startBoth("thief", WEAK_GROUP);

/** High has begun chain N, low has opened it, one message of the chain before is on its way. */
async function beforeTheft(): Promise<{ pair: Pair; late: Bytes }> {
  const pair = new Pair(START, "before");
  for (let chain = 0; chain < N - 1; chain++) await pair.send(speakerOf(chain), `chain ${chain}`);
  await pair.send("low", "chain 3");
  const late = await pair.seal("low", "late");
  await pair.send("high", "chain 4");
  return { pair, late };
}

/** What the thief reads of each chain from N - 1 to N + 5, one message of each. */
async function listen(thief: Thief, pair: Pair, late: Bytes, given: readonly number[] = []) {
  const readings: (Reading & { chain: number })[] = [
    { chain: N - 1, ...await thief.read(N - 1, late) },
  ];
  for (let chain = N; chain <= N + 5; chain++) {
    const bytes = await pair.send(speakerOf(chain), `chain ${chain}`);
    if (given.includes(chain)) thief.give(chain, pair.states[speakerOf(chain)].own!);
    const reading = await thief.read(chain, bytes);
    if (reading.text !== null) assertEquals(reading.text, `chain ${chain}`);
    readings.push({ chain, ...reading });
  }
  const chainsWhere = (holds: (reading: Reading) => boolean) =>
    readings.filter(holds).map(({ chain }) => chain - N);
  return {
    contents: chainsWhere(({ text }) => text !== null),
    headers: chainsWhere(({ header }) => header),
  };
}

Deno.test("ratchet, attack 10: a thief who breaks Diffie-Hellman reads nothing from two turns on", async () => {
  const { pair, late } = await beforeTheft();
  const { high, low } = pair.states;
  assert(high.own !== null && low.own === null && low.turn !== null);
  const rows: [what: string, stolen: Ratchet[], contents: number[], headers: number[]][] = [
    ["began chain n, not answered", [high], [-1, 0, 1], [-1, 0, 1, 2, 3]],
    // Its own chain n - 1 is past: what it said there, it can't read.
    ["opened chain n, its turn due", [low], [0], [-1, 0, 1, 2]],
    ["both sides at once", [high, low], [-1, 0, 1], [-1, 0, 1, 2, 3]],
  ];
  for (const [what, stolen, contents, headers] of rows) {
    const read = await listen(new Thief(N, ...stolen), pair.fork(), late);
    assertEquals(read, { contents, headers }, what);
  }
});

Deno.test("ratchet, attack 10: the thief lacks nothing but the ML-KEM secrets", async () => {
  const { pair, late } = await beforeTheft();
  // With the private half of each pair he reads on; with one missing he never reads again.
  const all = await listen(new Thief(N, pair.states.high), pair.fork(), late, [5, 6, 7, 8, 9]);
  assertEquals(all.contents, [-1, 0, 1, 2, 3, 4, 5]);
  const gap = await listen(new Thief(N, pair.states.high), pair.fork(), late, [5, 7, 8, 9]);
  assertEquals(gap.contents, [-1, 0, 1, 2]);
});

Deno.test("ratchet, forward secrecy: a stolen state opens nothing that was opened before", async () => {
  const pair = new Pair(START);
  const recorded: Bytes[] = [];
  const states: Record<Role, Ratchet>[] = [];
  const script = ["low", "low", "high", "high", "low", "high", "low", "low"] as const;
  for (const [i, from] of script.entries()) {
    states.push({ ...pair.states });
    recorded.push(await pair.send(from, `message ${i}`));
  }
  for (const role of ["low", "high"] as const) {
    for (const bytes of recorded) assertEquals(await readsAtOnce(pair.states[role], bytes), null);
  }
  // The thief has teeth: from the state before a message that begins no chain he reads it.
  for (const i of [1, 3, 7]) {
    for (const role of ["low", "high"] as const) {
      assertEquals(await readsAtOnce(states[i]![role], recorded[i]!), `message ${i}`);
    }
  }
});

Deno.test("ratchet, forward secrecy: a skipped message stays readable, and its neighbours do not", async () => {
  const pair = new Pair(START);
  const [m0, m1, m2] = await pair.sealAll("low", "0", "1", "2") as [Bytes, Bytes, Bytes];
  await pair.open("high", m0);
  await pair.open("high", m2);
  const stolen = pair.states.high;
  assertEquals(await readsAtOnce(stolen, m1), "1");
  assertEquals(await readsAtOnce(stolen, m0), null);
  assertEquals(await readsAtOnce(stolen, m2), null);
  await pair.open("high", m1);
  assertEquals(await readsAtOnce(pair.states.high, m1), null);
});

Deno.test("the weak group is one of squares, and logarithms in it are found", () => {
  const { p, q, g } = WEAK_GROUP;
  assertEquals([p, modPow(g, q, p), p % 8n], [2n * q + 1n, 1n, 7n]);
  assertEquals(logarithm(modPow(g, 4095n, p)), 4095n);
});

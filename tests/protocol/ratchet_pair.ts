/**
 * Two ratchets that a test leads along, and what an attacker makes of their envelopes.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type Bytes, fromUtf8, toHex, utf8 } from "../../lib/crypto/bytes.ts";
import type { Group } from "../../lib/crypto/groups.ts";
import { type Kem, mlKem768 } from "../../lib/crypto/kem.ts";
import type { Random } from "../../lib/crypto/random.ts";
import type { BoxKey } from "../../lib/crypto/secret_box.ts";
import { CheckError, EXIT } from "../../lib/errors.ts";
import { walkChain } from "../../lib/protocol/chains.ts";
import type { Environment, Established } from "../../lib/protocol/handshake.ts";
import { decryptHeader, encryptHeader, sealEnvelope } from "../../lib/protocol/header.ts";
import { deriveKeys, otherRole, type Role } from "../../lib/protocol/key_schedule.ts";
import { pad, unpad } from "../../lib/protocol/padding.ts";
import {
  type Opened,
  type Ratchet,
  ratchetDecrypt,
  ratchetEncrypt,
  startRatchet,
  turnAhead,
} from "../../lib/protocol/ratchet.ts";
import { type EnvelopeHeader, parseEnvelope } from "../../lib/protocol/wire.ts";
import { identityOf, SMALL_GROUP } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

/** Both sides' states right after a handshake. */
export async function startBoth(
  seed: string,
  group: Group = SMALL_GROUP,
): Promise<Record<Role, Ratchet>> {
  const bytes = utf8(seed);
  const transcript = { helloLow: bytes, helloHigh: bytes, shareLow: bytes, shareHigh: bytes };
  const secrets = { diffieHellman: bytes, kemLow: bytes, kemHigh: bytes };
  const keys = await deriveKeys(transcript, secrets);
  const established = (role: Role): Established => ({
    role,
    keys,
    peerIdentity: identityOf("peer", group).publicKey,
    peerName: "",
    deniable: false,
    transcript,
  });
  return { low: startRatchet(established("low")), high: startRatchet(established("high")) };
}

/** States are immutable: every test may begin with these. */
export const START: Readonly<Record<Role, Ratchet>> = await startBoth("first");

/** Two ratchets. */
export class Pair {
  /** Where both are. */
  readonly states: Record<Role, Ratchet>;
  /** What both draw from. */
  readonly environment: Environment;

  /** A pair that goes on from some states. */
  constructor(
    states: Readonly<Record<Role, Ratchet>> = START,
    seed = "pair",
    kem: Kem = mlKem768,
  ) {
    this.states = { ...states };
    this.environment = { random: seededRandom(seed), kem };
  }

  /** Another pair that goes on from here. */
  fork(): Pair {
    return new Pair(this.states, "fork");
  }

  /** Seals a text, and does not deliver it. */
  async seal(from: Role, text: string): Promise<Bytes> {
    const payload = pad(utf8(text));
    const sealed = await ratchetEncrypt(this.states[from], payload, this.environment);
    this.states[from] = sealed.ratchet;
    return sealed.bytes;
  }

  /** Seals texts, in order. */
  async sealAll(from: Role, ...texts: string[]): Promise<Bytes[]> {
    const sealed: Bytes[] = [];
    for (const text of texts) sealed.push(await this.seal(from, text));
    return sealed;
  }

  /** Opens what was sealed. */
  async open(at: Role, bytes: Bytes): Promise<string> {
    const opened = await ratchetDecrypt(this.states[at], bytes, this.environment.random);
    assertEquals(opened.fault, null);
    this.states[at] = opened.ratchet;
    return textOf(opened);
  }

  /** Seals and opens at once. */
  async send(from: Role, text: string): Promise<Bytes> {
    const bytes = await this.seal(from, text);
    assertEquals(await this.open(otherRole(from), bytes), text);
    return bytes;
  }

  /** The two speak in turns, so often: low first. */
  async turns(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.send(i % 2 === 0 ? "low" : "high", `turn ${i}`);
  }

  /** `from` numbers so many messages that never come, and seals none. */
  async lose(from: Role, count: number): Promise<void> {
    const turned = await turnAhead(this.states[from], this.environment);
    const sending = turned.sending!;
    const { chain } = walkChain(sending, sending.next + count);
    this.states[from] = { ...turned, sending: { ...sending, ...chain } };
  }
}

/** What was said. */
export function textOf({ payload }: Opened): string {
  return fromUtf8(unpad(payload));
}

/** All that a state holds, as text; private halves are in there by their public ones. */
export function snapshot(state: Ratchet): string {
  return JSON.stringify(
    state,
    (_, value) =>
      value instanceof Uint8Array
        ? toHex(value)
        : typeof value === "bigint"
        ? String(value)
        : value,
  );
}

/** What an envelope made its receiver do. */
export interface Cost {
  /** Powers: each draws its blinding. */
  powers: number;
  /** Root steps. */
  roots: number;
  /** Walks along the receiving chain. */
  walks: number;
  /** Decapsulations. */
  decapsulations: number;
}

/** A cost of nothing but a hash and some MACs. */
export const NOTHING: Cost = { powers: 0, roots: 0, walks: 0, decapsulations: 0 };

/**
 * Holds that a state refuses an envelope with `bad-message` and stays as it is.
 *
 * @returns what it cost
 */
export async function assertRefused(state: Ratchet, bytes: Bytes, what = ""): Promise<Cost> {
  const cost = { ...NOTHING };
  const before = snapshot(state);
  const source = seededRandom("refused");
  const random: Random = (length) => (cost.powers++, source(length));
  const { own, receiving } = state;
  const watched: Ratchet = {
    ...state,
    own: own && {
      ...own,
      kem: {
        publicKey: own.kem.publicKey,
        decapsulate: (ciphertext) => (cost.decapsulations++, own.kem.decapsulate(ciphertext)),
      },
    },
    receiving: receiving && {
      ...receiving,
      get key() {
        cost.walks++;
        return receiving.key;
      },
    },
  };
  const { deriveBits } = crypto.subtle;
  crypto.subtle.deriveBits = function (...parameters: unknown[]) {
    cost.roots++;
    return Reflect.apply(deriveBits, crypto.subtle, parameters);
  } as typeof deriveBits;
  try {
    const error = await assertRejects(
      () => ratchetDecrypt(watched, bytes, random),
      CheckError,
      undefined,
      what,
    );
    assertEquals([error.code, error.exitCode], ["bad-message", EXIT.untrusted], what);
  } finally {
    crypto.subtle.deriveBits = deriveBits;
  }
  assertEquals(snapshot(state), before, what);
  return cost;
}

/** The header of an envelope, for whoever has the header key. */
export function headerOf(key: BoxKey, bytes: Bytes): EnvelopeHeader {
  return decryptHeader(key, parseEnvelope(bytes));
}

/** What a thief of a header key makes of an envelope: another header, under a tag that holds. */
export async function withHeader(
  key: BoxKey,
  bytes: Bytes,
  changes: Partial<EnvelopeHeader>,
): Promise<Bytes> {
  const { headerIv, box } = parseEnvelope(bytes);
  const header = await encryptHeader(key, headerIv, { ...headerOf(key, bytes), ...changes });
  return sealEnvelope(key, { headerIv, header, box });
}

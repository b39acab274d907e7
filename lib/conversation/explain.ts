/**
 * The protocol explained while it runs (`--explain`): each step with its real numbers, its formula, what is checked
 * and why.
 *
 * It works from what crosses the wire and from what the client shows anyway. It has no access to a secret, so it can
 * show none.
 *
 * @module
 */
import { type Bytes, compareBytes, toHex } from "../crypto/bytes.ts";
import { challenge, VerifyingKey } from "../crypto/elgamal.ts";
import { os2ip } from "../crypto/integers.ts";
import { jacobi, modPow } from "../crypto/modular.ts";
import { EXCHANGE_CONTEXT, exchangeHash } from "../protocol/handshake.ts";
import { sessionIdOf } from "../protocol/key_schedule.ts";
import {
  type Envelope,
  GROUP,
  type Hello,
  parseConfirmation,
  parseEnvelope,
  parseHello,
  parseShareMessage,
  type Share,
} from "../protocol/wire.ts";
import { ParleyError } from "../errors.ts";
import type { PeerEvent, RelayedEvent } from "../relay/wire_events.ts";
import type { ConversationEvent } from "./events.ts";

/** What is explained: nothing, the seven steps and one message each way, or every message and ratchet step too. */
export type Detail = "off" | "steps" | "all";

/** A message of the handshake, whole and parsed. */
interface Kept<T> {
  readonly bytes: Bytes;
  readonly fields: T;
}

/** Both sides' messages of one kind. */
interface Both<T> {
  own: Kept<T> | null;
  peer: Kept<T> | null;
}

const { p, q, g } = GROUP;
const BITS = GROUP.elementBytes * 8;

/** Explains one client's conversation, in order, a block of lines a step. */
export class Explainer {
  /** What is explained from now on. */
  detail: Detail;
  readonly #report: (lines: readonly string[]) => void;
  #turn: Promise<void> = Promise.resolve();
  #hello: Both<Hello> = { own: null, peer: null };
  #share: Both<Share> = { own: null, peer: null };
  /** Whose envelopes have been seen; the last one is the latest. */
  #spoken: ("own" | "peer")[] = [];

  /** An explainer that reports its lines. */
  constructor(detail: Detail, report: (lines: readonly string[]) => void) {
    this.detail = detail;
    this.#report = report;
  }

  /** Takes an event, and explains it; a message that is malformed is left to the protocol's own error. */
  take(event: ConversationEvent): void {
    // No copy where nobody wants an explanation: files come this way, too.
    if (this.detail === "off") return;
    if (event.type !== "wire") return this.#explain(() => this.#event(event));
    const { direction, payload } = event;
    if (!(payload instanceof Uint8Array || payload instanceof ArrayBuffer)) return;
    const bytes: Bytes = new Uint8Array(payload).slice();
    this.#explain(() => this.#message(direction === "out" ? "own" : "peer", event.event, bytes));
  }

  /** Resolves when everything so far has been explained. */
  idle(): Promise<void> {
    return this.#turn;
  }

  #explain(explanation: () => Promise<string[]> | string[]): void {
    this.#turn = this.#turn.then(async () => {
      try {
        const lines = await explanation();
        if (lines.length > 0) this.#report(lines);
      } catch (error) {
        // What can't be parsed is refused by the session, which says why.
        if (!(error instanceof ParleyError)) throw error;
      }
    });
  }

  #message(from: "own" | "peer", event: RelayedEvent | PeerEvent, bytes: Bytes) {
    switch (event) {
      case "ELGAMAL_PK":
      case "ELGAMAL_PK_BC":
        return this.#explainHello(from, { bytes, fields: parseHello(bytes) });
      case "DEFF_HELLMAN_PK":
      case "DEFF_HELLMAN_PK_BC":
        return this.#explainShare(from, { bytes, fields: parseShareMessage(bytes) });
      case "SECURE":
      case "SECURE_BC":
        return explainConfirmation(from, parseConfirmation(bytes));
      case "message":
      case "received_message":
        return this.#explainEnvelope(from, parseEnvelope(bytes), bytes.length);
    }
  }

  #event(event: ConversationEvent): Promise<string[]> | string[] {
    if (event.type === "step" && event.step === "keys-made") return this.#begin();
    if (event.type === "step" && event.step === "key-exchange") return explainKeyExchange();
    if (event.type === "step" && event.step === "secret-computed") return this.#explainSecret();
    if (event.type === "secure") {
      return explainSecure(event.facts.safetyNumber, event.facts.invited);
    }
    return [];
  }

  /** A new handshake: the messages of the last one are dropped. */
  #begin(): string[] {
    this.#hello = { own: null, peer: this.#share.peer === null ? this.#hello.peer : null };
    this.#share = { own: null, peer: null };
    this.#spoken = [];
    return block("1  KEYS", "each side makes its own", [
      ["group", `${GROUP.name} (RFC 7919): p = ${short(p)}, ${BITS} bits, p = 2q + 1, g = ${g}`],
      ["formula", "x random in [1, q), y = g^x mod p; x stays secret"],
      ["why", "the group is pinned: who may choose p or g chooses one where logarithms are easy"],
    ]);
  }

  #explainHello(from: "own" | "peer", hello: Kept<Hello>): string[] {
    this.#hello[from] = hello;
    const { identity, nonce, kemKey } = hello.fields;
    const y = os2ip(identity);
    if (from === "own") {
      return block("3  ELGAMAL_PK", "our public key leaves", [
        ["y", short(y)],
        ["nonce", `${short(nonce)}: makes this session unlike any other`],
        [
          "ML-KEM",
          `${short(kemKey)}, ${kemKey.length} bytes: against a later quantum computer`,
        ],
      ]);
    }
    return block("3  ELGAMAL_PK_BC", "their public key arrives", [
      ["y'", short(y)],
      [
        "check",
        `1 < y' < p - 1: ${y > 1n && y < p - 1n}; (y'/p) = ${jacobi(y, p)}, so y' is a square`,
      ],
      ["why", "only the squares form the subgroup of prime order q; elsewhere bits leak"],
    ]);
  }

  async #explainShare(from: "own" | "peer", share: Kept<Share>): Promise<string[]> {
    this.#share[from] = share;
    const { fields } = share;
    const [r, s] = halves(fields.signature);
    if (from === "own") {
      const base = this.#hello.own?.fields.invite ? "G from the invite code (CPace)" : `g = ${g}`;
      return block("4  DEFF_HELLMAN_PK", "our share leaves, hashed and signed", [
        ["formula", `A = base^a mod p, base is ${base}; a stays secret`],
        ["A", short(os2ip(fields.share))],
        ["m", "SHA-256 of both hellos, A and our ML-KEM ciphertext"],
        ["sign", "r = g^k mod p, h = H(y, r, m), s = (h - x r) / k mod q"],
        ["r, s", `${short(r)}, ${short(s)}`],
        ["why", "hashing r in makes forging as hard as logarithms (Pointcheval and Stern)"],
      ]);
    }
    const hellos = this.#hello;
    if (hellos.own === null || hellos.peer === null) return [];
    return await explainVerification(hellos.own.bytes, hellos.peer, fields, r, s);
  }

  async #explainSecret(): Promise<string[]> {
    const [own, peer] = [this.#hello.own, this.#hello.peer];
    const shares = this.#share;
    if (own === null || peer === null || shares.peer === null) return [];
    const isLow = compareBytes(own.bytes, peer.bytes) < 0;
    const rows: Row[] = [
      ["formula", "Z = B^a mod p = A^b mod p; 384 bytes, never shown, never sent"],
      [
        "role",
        `${isLow ? "low" : "high"}: by the order of the two hellos, so the relay has no say`,
      ],
      ["keys", "HKDF(Z, K, K'), K and K' from ML-KEM; salted with the session's id"],
    ];
    if (shares.own !== null) {
      const order = <T>(one: T, other: T) => isLow ? [one, other] : [other, one];
      const [helloLow, helloHigh] = order(own.bytes, peer.bytes) as [Bytes, Bytes];
      const [shareLow, shareHigh] = order(shares.own.bytes, shares.peer.bytes) as [Bytes, Bytes];
      const id = await sessionIdOf({ helloLow, helloHigh, shareLow, shareHigh });
      rows.push(["id", `SHA-256 of all four messages = ${short(id)}`]);
    }
    rows.push(["why", "who saw one other byte than we did arrives at other keys"]);
    return block("6  SECRET", "both compute it, nobody sends it", rows);
  }

  #explainEnvelope(from: "own" | "peer", envelope: Envelope, length: number): string[] {
    const isFirst = !this.#spoken.includes(from);
    // Nobody can see where a chain begins. Whoever answers has to begin one.
    const isAnswer = this.#spoken.length > 0 && this.#spoken.at(-1) !== from;
    this.#spoken = [...this.#spoken.filter((side) => side !== from), from];
    if (this.detail === "steps" && !isFirst) return [];
    const { tag, headerIv, header, box } = envelope;
    const [title, what] = from === "own"
      ? ["message", "ours leaves"]
      : ["received_message", "theirs arrives"];
    const rows: Row[] = [
      ["tag", `HMAC = ${short(tag)} over all of it: checked first, so a forgery costs nothing`],
      [
        "header",
        `IV ${short(headerIv)}, ${header.length} bytes: keys and counters, hidden from the relay`,
      ],
      ["formula", "CK, MK = HMAC(CK, 2), HMAC(CK, 1): a key for each message, then forgotten"],
      [
        "AES-CFB",
        `IV ${short(box.subarray(0, 16))}, ${box.length - 48} bytes of ciphertext, padded`,
      ],
      ["check", `HMAC = ${short(box.subarray(-32))} over header, IV, ciphertext, under MK`],
      ["sign", `over the hash chain of all that was said; ${length} bytes cross the relay`],
    ];
    if (isAnswer) {
      rows.unshift(
        ["step", "an answer has a fresh pair, Diffie-Hellman and ML-KEM; c is for the pair before"],
        [
          "",
          "RK, CK, HK = HKDF(RK, DH, K): a thief of old keys is out, with a quantum computer, too",
        ],
      );
    }
    return block(`7  ${title}`, what, rows);
  }
}

function explainKeyExchange(): string[] {
  return block("2  KEY_EXCHANGE", "the relay says that two are in the room", [
    ["why", "it is believed in nothing else: no key, no number of its choice enters"],
  ]);
}

/** Both sides of the verification equation, computed from public numbers. */
async function explainVerification(
  ownHello: Bytes,
  peerHello: Kept<Hello>,
  share: Share,
  r: bigint,
  s: bigint,
): Promise<string[]> {
  const key = VerifyingKey.parse(GROUP, peerHello.fields.identity);
  if (key === null) return [];
  const m = await exchangeHash(peerHello.bytes, ownHello, share);
  const h = await challenge(GROUP, EXCHANGE_CONTEXT, key.y, r, m);
  const left = modPow(g, h, p);
  const right = modPow(key.y, r, p) * modPow(r, s, p) % p;
  return block("5  VERIFY", "their signature, before anything is computed from it", [
    ["m", `${short(m)}: covers both hellos, so no other session's signature fits`],
    [
      "check",
      `1 < r < p: ${r > 1n && r < p}; 0 < s < q: ${s > 0n && s < q}; (r/p) = ${jacobi(r, p)}`,
    ],
    ["why", "without (r/p) = 1 anybody signs with no key: r = (p-1)/2 (Bleichenbacher)"],
    ["g^h", short(left)],
    [
      "y'^r r^s",
      `${short(right)}  ${left === right ? "equal: it is theirs" : "DIFFERENT: refused"}`,
    ],
  ]);
}

function explainConfirmation(from: "own" | "peer", box: Bytes): string[] {
  const [title, what] = from === "own"
    ? ["   SECURE", "we prove that we hold the keys"]
    : ["   SECURE_BC", "they prove it, too"];
  return block(title, what, [
    ["tag", `${short(box.subarray(-32))} = HMAC over the session's id and the sealed name`],
  ]);
}

function explainSecure(safetyNumber: string, invited: boolean): string[] {
  return block("   secure", "same keys, same transcript, on both sides", [
    ["compare", `${safetyNumber.slice(0, 23)} … with /verify`],
    [
      "why",
      invited
        ? "the invite code in the exchange leaves nobody room in between"
        : "nothing so far says whose keys these are: that, only comparing does",
    ],
  ]);
}

type Row = [label: string, text: string];

/** A heading and its rows, aligned. */
function block(title: string, what: string, rows: readonly Row[]): string[] {
  return [`${title}: ${what}`, ...rows.map(([label, text]) => `     ${label.padEnd(9)}${text}`)];
}

/** The two numbers of a signature. */
function halves(signature: Bytes): [bigint, bigint] {
  const middle = signature.length / 2;
  return [os2ip(signature.subarray(0, middle)), os2ip(signature.subarray(middle))];
}

/** The first and the last eight hexadecimal digits of a large number, or of bytes. */
function short(value: bigint | Uint8Array): string {
  const hex = typeof value === "bigint" ? value.toString(16) : toHex(value);
  return hex.length <= 18 ? hex : `${hex.slice(0, 8)}…${hex.slice(-8)}`;
}

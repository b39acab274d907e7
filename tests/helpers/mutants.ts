/**
 * Damage: where the fields of each message lie, and ways to spoil bytes, the same in every run.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { concatBytes } from "../../lib/crypto/bytes.ts";

/** A field of a message: its name in errors, and its length in bytes. */
export type Field = readonly [name: string, length: number];

/** The layouts of docs/PROTOCOL.md, written down a second time. `box` of a message has its least length. */
export const LAYOUT = {
  hello: [["suite", 8], ["type", 1], ["modes", 1], ["nonce", 32], ["identity", 384], [
    "kemKey",
    1184,
  ]],
  share: [["suite", 8], ["type", 1], ["share", 384], ["kemCiphertext", 1088], ["signature", 768]],
  confirmation: [["suite", 8], ["type", 1], ["box", 176]],
  message: [["suite", 8], ["type", 1], ["tag", 32], ["headerIv", 16], ["header", 2664], [
    "box",
    1328,
  ]],
} as const satisfies Record<string, readonly Field[]>;

/** One of the four messages. */
export type MessageName = keyof typeof LAYOUT;

/** The length of a whole message, with its shortest box. */
export function lengthOf(fields: readonly Field[]): number {
  return fields.reduce((sum, [, length]) => sum + length, 0);
}

/** Where a field begins. */
export function offsetOf(fields: readonly Field[], name: string): number {
  const index = fields.findIndex(([field]) => field === name);
  if (index < 0) throw new RangeError(`Cannot find a field ${name}`);
  return lengthOf(fields.slice(0, index));
}

/** The name of the field in which the byte at `offset` lies, or `undefined` behind the last. */
export function fieldAt(fields: readonly Field[], offset: number): string | undefined {
  let end = 0;
  return fields.find(([, length]) => offset < (end += length))?.[0];
}

/** The first and the last byte of every field. */
export function boundaries(fields: readonly Field[]): number[] {
  const ends = fields.map((_, i) => lengthOf(fields.slice(0, i + 1)));
  return [...new Set(ends.flatMap((end, i) => [end - fields[i]![1], end - 1]))];
}

/** A copy with one bit turned over. */
export function flipBit(bytes: Uint8Array, at: number, bit = 0): Bytes {
  if (at >= bytes.length) throw new RangeError(`Cannot flip byte ${at} of ${bytes.length}`);
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
}

/** A copy with other bytes from `at` on. */
export function overwrite(bytes: Uint8Array, at: number, by: Uint8Array): Bytes {
  const copy = Uint8Array.from(bytes);
  copy.set(by, at);
  return copy;
}

/** A fast generator of numbers, the same in every run (mulberry32). For choosing damage, not for keys. */
export class Dice {
  #state: number;

  /** Dice that fall alike for one seed. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * bound);
  }

  /** One of several. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Bytes, any value. */
  bytes(length: number): Bytes {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }
}

/** Ways to spoil bytes. Each may, rarely, give back what it was given. */
const SPOILS: readonly ((bytes: Bytes, dice: Dice) => Bytes)[] = [
  // One bit.
  (bytes, dice) =>
    bytes.length === 0 ? bytes : flipBit(bytes, dice.below(bytes.length), dice.below(8)),
  // A run of random bytes.
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    return overwrite(bytes, at, dice.bytes(Math.min(dice.below(64), bytes.length - at)));
  },
  // A run of one byte, mostly an extreme one.
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    const end = at + dice.below(400);
    return Uint8Array.from(bytes).fill(dice.pick([0, 0xff, 0x80, 1]), at, end);
  },
  // The front of it.
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length + 1)),
  // The end of it.
  (bytes, dice) => bytes.slice(dice.below(bytes.length + 1)),
  // More of it.
  (bytes, dice) => concatBytes(bytes, dice.bytes(1 + dice.below(40))),
  // One byte too few or too many, in the middle.
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    return concatBytes(bytes.slice(0, at), bytes.slice(at + 1));
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1);
    return concatBytes(bytes.slice(0, at), dice.bytes(1), bytes.slice(at));
  },
  // A part of it in another place.
  (bytes, dice) => {
    const from = dice.below(bytes.length + 1);
    const part = bytes.slice(from, from + dice.below(400));
    const at = dice.below(bytes.length - part.length + 1);
    return overwrite(bytes, at, part);
  },
  // Something else altogether.
  (bytes, dice) => dice.bytes(dice.below(bytes.length + 2)),
];

/** Bytes with some damage: one kind of it, now and then two. Usually other bytes, of any length. */
export function spoil(bytes: Bytes, dice: Dice): Bytes {
  const once = dice.pick(SPOILS)(bytes, dice);
  return dice.below(4) === 0 ? dice.pick(SPOILS)(once, dice) : once;
}

/** All orders of some things. */
export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest])
  );
}

/**
 * The heads of our chain that the peer may still answer: the hash of our chain after so many statements. They are
 * packed, because a peer that says nothing for a long time may answer any of them.
 *
 * @module
 */
import { type Bytes, concatBytes } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";

/** Heads one after another. */
export interface HeadRun {
  /** How many statements the chain had at the first of them. */
  readonly first: number;
  /** The hashes, joined. */
  readonly hashes: Bytes;
}

/** Runs of heads, oldest first; never none. Immutable. */
export type Heads = readonly HeadRun[];

/** Most bytes of a run to which more is added: what adding copies. */
const MAX_GROWING_BYTES = 512 * SHA256_BYTES;

/** The heads of a chain in which nothing was said. @param hash the session's id */
export function newHeads(hash: Bytes): Heads {
  return [{ first: 0, hashes: hash }];
}

/** The heads with more behind them. */
export function addHeads(heads: Heads, hashes: readonly Bytes[]): Heads {
  if (hashes.length === 0) return heads;
  const last = heads.at(-1)!;
  const added = concatBytes(...hashes);
  if (last.hashes.length > MAX_GROWING_BYTES) {
    return [...heads, { first: last.first + lengthOf(last), hashes: added }];
  }
  return [...heads.slice(0, -1), { ...last, hashes: concatBytes(last.hashes, added) }];
}

/** The newest head, and how many statements the chain has. */
export function lastHead(heads: Heads): { readonly count: number; readonly hash: Bytes } {
  const run = heads.at(-1)!;
  const count = run.first + lengthOf(run) - 1;
  return { count, hash: hashAt(run, count) };
}

/**
 * The head after `count` statements.
 *
 * @throws {RangeError} when there is none, or not any more
 */
export function headAt(heads: Heads, count: number): Bytes {
  // What is answered is mostly among the oldest that are left, or among the newest.
  const last = heads.at(-1)!;
  const run = has(last, count) ? last : heads.find((run) => has(run, count));
  if (run === undefined) throw new RangeError(`Cannot answer ${count} statements`);
  return hashAt(run, count);
}

/** The heads from `count` on, which must be one of them: no older one can be answered any more. */
export function headsFrom(heads: Heads, count: number): Heads {
  const index = heads.findIndex((run) => has(run, count));
  const run = heads[index]!;
  if (index === 0 && count === run.first) return heads;
  const hashes = run.hashes.slice((count - run.first) * SHA256_BYTES) as Bytes;
  return [{ first: count, hashes }, ...heads.slice(index + 1)];
}

function lengthOf({ hashes }: HeadRun): number {
  return hashes.length / SHA256_BYTES;
}

function has(run: HeadRun, count: number): boolean {
  return count >= run.first && count < run.first + lengthOf(run);
}

function hashAt({ first, hashes }: HeadRun, count: number): Bytes {
  const at = (count - first) * SHA256_BYTES;
  return hashes.slice(at, at + SHA256_BYTES) as Bytes;
}

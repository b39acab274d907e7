/**
 * The numbers of suite `parley-1` that both sides must agree on ("specification"), and those that each
 * side may choose ("implementation"). docs/PROTOCOL.md gives the same list.
 *
 * @module
 */

// Specification.

/** Length of a padded name in the key confirmation, in bytes: every name is as long as any other. */
export const CONFIRMATION_BYTES = 128;

/** Longest name, in bytes of UTF-8: one byte of the confirmation holds its length. */
export const MAX_NAME_BYTES = CONFIRMATION_BYTES - 1;

/**
 * Least length of a padded payload, in bytes. A signature of 768 bytes and a line of text fit, so that "yes", "no",
 * a receipt and a goodbye look the same from outside; sealed, it fills three TCP segments and no fourth.
 */
export const MIN_PADDED_BYTES = 1280;

/** Greatest length of a padded payload, in bytes: the longest text with all that stands around it, padded. */
export const MAX_PADDED_BYTES = 540_672;

/**
 * Longest text of one message, in bytes of UTF-8. Padded (at most 6.25 % more) and sealed it stays well
 * below the relay's default cap of 1 MiB.
 */
export const MAX_TEXT_BYTES = 512 * 1024;

/**
 * Latest time of a statement, in milliseconds since 1970-01-01 UTC: the last instant that a `Date` of
 * ECMAScript holds, so that no statement breaks a program that shows or exports it.
 */
export const MAX_TIME = 8_640_000_000_000_000;

/** Most items in one bundle beside its signature: 1024 short lines in one, and a bound on the work for one envelope. */
export const MAX_BUNDLE_ITEMS = 1024;

/**
 * Most statements in a row of one side that a transcript may have without a signature: as many as are in one bundle, the
 * last one included.
 */
export const MAX_UNSIGNED: number = MAX_BUNDLE_ITEMS;

/**
 * Most message keys that one message may make its receiver skip in a chain: each costs two HMACs, and so does each
 * that is left at the end of the chain before. Whoever misses more needs a new session.
 */
export const MAX_SKIP = 256;

/**
 * How many receiving chains later a message may come, so that one envelope is tried under at most ten header keys: of
 * the chain that is being received, of the next, and of eight old ones. Later than that, the session is over anyway.
 */
export const MAX_OLD_CHAINS = 8;

/** Most skipped message keys that are stored, of all chains; the oldest are dropped first. A thief finds no more. */
export const MAX_SKIPPED_STORED = 512;

/**
 * Bytes of one leaf of a file's hash tree, but for the last: 128 KiB. Small enough for a text to slip in between two
 * on a slow line, large enough that sealing one costs more than deciding to.
 */
export const LEAF_BYTES = 128 * 1024;

/** The highest hash tree: 2^20 leaves, so that a receiver's table of hashes stays below 64 MiB. */
export const MAX_TREE_DEPTH = 20;

/** The largest file, in bytes: as many leaves as the highest tree has, 128 GiB. */
export const MAX_FILE_BYTES: number = LEAF_BYTES * 2 ** MAX_TREE_DEPTH;

/** Most leaves of one window, which one `file-get` asks for: 12 MiB. */
export const MAX_WINDOW_LEAVES = 96;

/** Bytes of a window's key. */
export const WINDOW_KEY_BYTES = 32;

/** The longest name of a file that is offered, in bytes of UTF-8: what file systems take. */
export const MAX_FILE_NAME_BYTES = 255;

// Implementation.

/**
 * Bytes of a bundle, before padding, beyond which no item is added; a longer text travels alone. Some 70 ms of work,
 * so a typed line never waits long. Padded it has 61,440.
 */
export const BUNDLE_BYTES = 61_439;

/** Longest time for the peer's part of the handshake, in milliseconds. */
export const HANDSHAKE_PATIENCE = 60_000;

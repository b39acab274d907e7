/**
 * Byte strings: joining, comparing, and the text forms that the rest of parley uses.
 *
 * @module
 */

/** A byte string over its own memory, the only kind that WebCrypto accepts. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Copies any view of bytes into {@link Bytes} of its own, so that a later writer can't change it. */
export function copyBytes(source: Uint8Array | ArrayBuffer): Bytes {
  return source instanceof Uint8Array ? Uint8Array.from(source) : new Uint8Array(source.slice(0));
}

/** Joins byte strings in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Whether two byte strings are equal. The time depends on the lengths and not on where they differ,
 * as far as a JIT keeps that promise; MACs are compared by WebCrypto itself (see hash.ts).
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Order of two byte strings of one length, as unsigned big-endian numbers: -1, 0 or 1. */
export function compareBytes(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  if (a.length !== b.length) {
    throw new RangeError(`Cannot compare byte strings of lengths ${a.length} and ${b.length}`);
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  }
  return 0;
}

/** a XOR b, byte by byte, over the length of `a`. `b` may be longer; its rest is not used. */
export function xorBytes(a: Uint8Array, b: Uint8Array): Bytes {
  if (b.length < a.length) {
    throw new RangeError(`Cannot XOR ${a.length} bytes with ${b.length}: the mask is too short`);
  }
  const out = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i]! ^ b[i]!;
  return out;
}

/** UTF-8 of a string. A lone surrogate becomes U+FFFD, as everywhere on the web. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/**
 * The string that UTF-8 bytes stand for, strictly: no replacement, and a byte order mark is kept.
 *
 * @throws {TypeError} when the bytes are not well-formed UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Lower-case hexadecimal of a byte string. */
export function toHex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/**
 * The byte string that an even number of hexadecimal digits stands for.
 *
 * @throws {SyntaxError} when the text is anything else
 */
export function fromHex(text: string): Bytes {
  return Uint8Array.fromHex(text);
}

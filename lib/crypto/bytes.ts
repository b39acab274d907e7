/**
 * Byte strings: joining, comparing, and the text forms that the rest of parley uses.
 *
 * @module
 */

/** A byte string over its own memory, the only kind that WebCrypto accepts. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;

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

/** a XOR b, over the length of `a`. `b` may be longer; its rest is not used. */
export function xorBytes(a: Uint8Array, b: Uint8Array): Bytes {
  const out = copyBytes(a);
  xorInto(out, b);
  return out;
}

/**
 * XORs a mask into `target`, over the length of `target`; the rest of a longer mask is not used. In words of 32 bits,
 * as far as whole ones go: a sixth of the time.
 *
 * @throws {RangeError} when the mask is too short
 */
export function xorInto(target: Uint8Array, mask: Uint8Array): void {
  const { length } = target;
  if (mask.length < length) {
    throw new RangeError(`Cannot XOR ${length} bytes with ${mask.length}: the mask is too short`);
  }
  let done = 0;
  if (target.byteOffset % WORD_BYTES === 0) {
    const aligned = mask.byteOffset % WORD_BYTES === 0 ? mask : copyBytes(mask);
    const count = Math.floor(length / WORD_BYTES);
    const words = new Uint32Array(target.buffer, target.byteOffset, count);
    const maskWords = new Uint32Array(aligned.buffer, aligned.byteOffset, count);
    for (let i = 0; i < count; i++) words[i]! ^= maskWords[i]!;
    done = count * WORD_BYTES;
  }
  for (let i = done; i < length; i++) target[i]! ^= mask[i]!;
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

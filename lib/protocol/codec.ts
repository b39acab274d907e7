/**
 * Fixed-width fields: big-endian integers out, and a strict reader in.
 *
 * @module
 */
import { type Bytes, copyBytes } from "../crypto/bytes.ts";
import { WireError } from "../errors.ts";

/** One byte. */
export function u8(n: number): Bytes {
  return Uint8Array.of(checkRange(n, 0xff));
}

/** Four bytes, big-endian. */
export function u32(n: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, checkRange(n, 0xffff_ffff));
  return bytes;
}

/** Eight bytes, big-endian, for integers that a number holds exactly. */
export function u64(n: number): Bytes {
  const bytes = new Uint8Array(8);
  putU64(new DataView(bytes.buffer), 0, n);
  return bytes;
}

/** Writes {@link u64} where it belongs. */
export function putU64(view: DataView, at: number, n: number): void {
  checkRange(n, Number.MAX_SAFE_INTEGER);
  view.setUint32(at, Math.floor(n / 2 ** 32));
  view.setUint32(at + 4, n >>> 0);
}

function checkRange(n: number, max: number): number {
  if (!Number.isInteger(n) || n < 0 || n > max) {
    throw new RangeError(`Cannot encode ${n}: expected an integer from 0 to ${max}`);
  }
  return n;
}

/** Reads fields from the front of a byte string, and names the field that is at fault. */
export class Reader {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /**
   * A reader at the first byte.
   *
   * @param name the message's name in docs/PROTOCOL.md, for errors
   * @param bytes the whole message
   */
  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * The next `length` bytes, as a copy.
   *
   * @throws {WireError} when fewer are left
   */
  bytes(field: string, length: number): Bytes {
    return copyBytes(this.view(field, length));
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  /**
   * The next `length` bytes, not copied.
   *
   * @throws {WireError} when fewer are left
   */
  view(field: string, length: number): Uint8Array {
    const at = this.#take(field, length);
    return this.#bytes.subarray(at, at + length);
  }

  /**
   * One byte.
   *
   * @throws {WireError} when none is left
   */
  u8(field: string): number {
    return this.#view.getUint8(this.#take(field, 1));
  }

  /**
   * Four bytes, big-endian.
   *
   * @throws {WireError} when fewer are left
   */
  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4));
  }

  /**
   * Eight bytes, big-endian, as a number that is exact.
   *
   * @throws {WireError} when fewer are left, or when the value exceeds 2^53 - 1
   */
  u64(field: string): number {
    const at = this.#take(field, 8);
    const high = this.#view.getUint32(at);
    if (high >= 2 ** 21) {
      throw new WireError(`${this.#name}.${field}`, "at most 2^53 - 1", "a larger number");
    }
    return high * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /**
   * All that is left, as a copy.
   *
   * @throws {WireError} when that is less than `atLeast` bytes
   */
  rest(field: string, atLeast: number): Bytes {
    return this.bytes(field, Math.max(this.left, atLeast));
  }

  /**
   * Nothing may be left.
   *
   * @throws {WireError} when something is
   */
  end(): void {
    if (this.left > 0) throw new WireError(this.#name, "its end", `${this.left} more bytes`);
  }

  #take(field: string, length: number): number {
    if (this.left < length) {
      throw new WireError(`${this.#name}.${field}`, `${length} bytes`, `${this.left}`);
    }
    this.#offset += length;
    return this.#offset - length;
  }
}

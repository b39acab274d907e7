/**
 * How much fits in one payload: what the relay says, and what it turns out to refuse. A relay can refuse service, so
 * it is believed in this, and in nothing else.
 *
 * @module
 */
import { BUNDLE_FRAME_BYTES, STATEMENT_BYTES } from "../protocol/bundle.ts";
import { BUNDLE_BYTES, MAX_TEXT_BYTES } from "../protocol/constants.ts";
import { longestPayload } from "../protocol/padding.ts";
import { ENVELOPE_OVERHEAD_BYTES } from "../protocol/wire.ts";
import { DEFAULT_MAX_PAYLOAD_BYTES, MIN_PAYLOAD_BYTES } from "../relay/wire_events.ts";

/** Bytes of a frame with a full leaf of a file: a relay that lets less pass carries no files. */
export const FRAME_BYTES = 135_237;

/** Refusals of a payload without anything delivered between them, after which another session makes no sense. */
const MAX_REFUSALS = 2;

/** The limit of one conversation. */
export class PayloadLimit {
  #stated = DEFAULT_MAX_PAYLOAD_BYTES;
  #most = Infinity;
  #refusals = 0;

  /** Most bytes in one payload. */
  get bytes(): number {
    return Math.min(this.#stated, this.#most);
  }

  /** The longest text that can be sent, in bytes of UTF-8. */
  get text(): number {
    const room = longestPayload(this.bytes - ENVELOPE_OVERHEAD_BYTES);
    return Math.max(0, Math.min(MAX_TEXT_BYTES, room - BUNDLE_FRAME_BYTES - STATEMENT_BYTES));
  }

  /** Bytes of a bundle beyond which no item is added. */
  get bundle(): number {
    return Math.min(BUNDLE_BYTES, longestPayload(this.bytes - ENVELOPE_OVERHEAD_BYTES));
  }

  /** Whether a conversation fits through. */
  get isEnough(): boolean {
    return this.bytes >= MIN_PAYLOAD_BYTES;
  }

  /** Whether files can be sent. */
  get carriesFiles(): boolean {
    return this.bytes >= FRAME_BYTES;
  }

  /** The relay says what passes. */
  state(bytes: number): void {
    this.#stated = bytes;
  }

  /**
   * A payload was refused, although it kept the limit.
   *
   * @param limit what the relay says that passes
   * @returns whether a fresh session may do better
   */
  refused(limit: number = Infinity): boolean {
    this.#most = Math.min(this.#most, limit);
    return ++this.#refusals < MAX_REFUSALS;
  }

  /** Something of ours has arrived. */
  progress(): void {
    this.#refusals = 0;
  }
}

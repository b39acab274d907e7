/**
 * The windows of leaves that we have asked for in a session, over all files of the peer: what may be asked for next
 * (flow.ts), and which leaf of which file a frame is.
 *
 * @module
 */
import { type Bytes, toHex } from "../crypto/bytes.ts";
import { CheckError, type ParleyError, WireError } from "../errors.ts";
import { WINDOW_KEY_BYTES } from "../protocol/constants.ts";
import {
  type FrameKeys,
  frameKeys,
  frameLength,
  openFrame,
  parseFrame,
} from "../protocol/frame.ts";
import type { Offer } from "../protocol/offer.ts";
import { FIRST_FLOW, flowAfter, isTelling, windowSize } from "./flow.ts";
import { leafCount, leafLength, proofLength } from "./hash_tree.ts";
import type { TransferInput } from "./machine.ts";
import type { TransferHost } from "./runner.ts";

/** How long no frame may come before the peer is asked again, in milliseconds; doubled each time. */
const PATIENCE = 10_000;

/** Of how many closed windows frames are expected: they were in flight. */
const MAX_CLOSED = 64;

/** What windows need from outside. */
export type WindowsHost = Pick<TransferHost, "now" | "after" | "random" | "send">;

/** A file that wants leaves. */
export interface Wanting {
  /** Who offers it. */
  readonly peer: string;
  /** The file. */
  readonly offer: Offer;
  /** Takes the leaves. */
  post(input: TransferInput): Promise<void>;
  /** Waits for what is being sent. */
  work(work: Promise<void>): void;
}

/** What is known of a file that wants leaves. */
interface Stream {
  readonly file: Wanting;
  /** How many leaves are written. */
  written: number;
  /** The next leaf to ask for. */
  next: number;
  /** Those that are open, in the order in which they were asked for. */
  windows: Window[];
}

interface Window {
  readonly stream: Stream;
  readonly from: number;
  readonly until: number;
  /** The leaf that the next frame is. */
  next: number;
  /** How often the flow had changed, and how many leaves were in flight. */
  readonly changes: number;
  readonly before: number;
  readonly keys: FrameKeys;
  readonly label: string;
  /** When it was asked for. */
  readonly since: number;
}

/** The windows of a session. */
export class Windows {
  readonly #host: WindowsHost;
  #sessionId: Bytes | null = null;
  #flow = FIRST_FLOW;
  /** How often the flow has changed in this session. */
  #changes = 0;
  /** The one that was given leaves last is the last. */
  readonly #streams = new Map<Wanting, Stream>();
  /** The open windows, by label. */
  readonly #open = new Map<string, Window>();
  /** The labels of those that were closed last. */
  #closed: string[] = [];
  #patience = PATIENCE;
  #stopTimer: () => void = () => {};

  /** No session yet. */
  constructor(host: WindowsHost) {
    this.#host = host;
  }

  /** A session begins, or there is none any more. */
  begin(sessionId: Bytes | null): void {
    for (const { windows } of this.#streams.values()) this.#close(...windows);
    this.#streams.clear();
    this.#closed = [];
    this.#sessionId = sessionId;
    this.#flow = FIRST_FLOW;
    this.#changes = 0;
    this.#patience = PATIENCE;
  }

  /** A file wants all leaves from this one on; so many are written. */
  ask(file: Wanting, written: number, from: number): void {
    this.drop(file);
    if (this.#sessionId === null) return;
    this.#streams.set(file, { file, written, next: from, windows: [] });
    this.#pump();
  }

  /** A file wants no more. */
  drop(file: Wanting): void {
    const stream = this.#streams.get(file);
    if (stream === undefined) return;
    this.#close(...stream.windows);
    this.#streams.delete(file);
    this.#pump();
  }

  /** So many leaves of a file are written. */
  wrote(file: Wanting, written: number): void {
    const stream = this.#streams.get(file);
    if (stream === undefined) return;
    stream.written = written;
    this.#pump();
  }

  /**
   * Takes a frame. What is in it goes to its file, if it is the leaf that comes next there.
   *
   * @returns why it is refused, if it is
   * @throws {WireError} when the peer itself sealed something malformed
   */
  async frame(bytes: Uint8Array): Promise<ParleyError | null> {
    const frame = parseFrame(bytes);
    if (frame instanceof WireError) return frame;
    const label = toHex(frame.label);
    const window = this.#open.get(label);
    // It was in flight when its window was closed.
    if (window === undefined) return this.#closed.includes(label) ? null : forged();
    const { stream, keys, next: index } = window;
    const place = index - window.from;
    if (frame.place < place) return forged();
    // One was left out, in this window or at the end of the one before it.
    if (frame.place > place || stream.windows[0] !== window) {
      this.#askAgain(stream);
      return null;
    }
    const { file, file: { offer } } = stream;
    const depth = proofLength(leafCount(offer.bytes), index);
    const length = frameLength(leafLength(offer.bytes, index), depth);
    if (bytes.length !== length) {
      return new WireError("frame", `${length} bytes`, `${bytes.length}`);
    }
    const leaf = await openFrame(keys, frame, depth);
    if (leaf === null) return forged();
    // It was closed meanwhile.
    if (this.#open.get(label) !== window) return null;
    if (place === 0) this.#measure(window);
    window.next++;
    if (window.next === window.until) this.#close(window);
    this.#watch();
    void file.post({ type: "leaf", index, ...leaf });
    return null;
  }

  /** Asks for as much as may be in flight. */
  #pump(): void {
    for (const stream of [...this.#streams.values()]) {
      let inFlight = 0;
      for (const { next, written } of this.#streams.values()) inFlight += next - written;
      const left = leafCount(stream.file.offer.bytes) - stream.next;
      const count = windowSize(this.#flow, inFlight, left);
      if (count > 0) this.#ask(stream, count, inFlight);
    }
  }

  #ask(stream: Stream, count: number, before: number): void {
    const changes = this.#changes;
    const { file, next: from, written: kept } = stream;
    const { random, now, send } = this.#host;
    const [until, since, { id }] = [from + count, now(), file.offer];
    const get = { type: "file-get", id, kept, from, until, key: random(WINDOW_KEY_BYTES) } as const;
    const keys = frameKeys(this.#sessionId!, file.offer, get);
    const label = toHex(keys.label);
    const place = { stream, from, until, next: from };
    const window: Window = { ...place, changes, before, keys, label, since };
    this.#open.set(label, window);
    stream.next = until;
    stream.windows.push(window);
    // The others come first the next time.
    this.#streams.delete(file);
    this.#streams.set(file, stream);
    this.#watch();
    file.work(send(file.peer, get));
  }

  /** Closes windows: what still comes in them is dropped. */
  #close(...windows: readonly Window[]): void {
    for (const { stream, label } of windows) {
      stream.windows = stream.windows.filter((other) => !windows.includes(other));
      this.#open.delete(label);
      this.#closed = [...this.#closed, label].slice(-MAX_CLOSED);
    }
    if (this.#open.size === 0) this.#stopTimer();
  }

  /** Something of a file is missing: it is asked for again, with all behind it. */
  #askAgain(stream: Stream): void {
    const [first] = stream.windows;
    if (first === undefined) return;
    stream.next = first.next;
    this.#close(...stream.windows);
    this.#pump();
  }

  /** Takes the delay of a window. */
  #measure({ since, changes, before }: Window): void {
    const delay = this.#host.now() - since;
    const isFirst = changes === 0;
    if (changes !== this.#changes || !isFirst && !isTelling(this.#flow, before, delay)) return;
    const { leaves } = this.#flow;
    this.#flow = flowAfter(this.#flow, delay);
    if (this.#flow.leaves !== leaves) this.#changes++;
  }

  /** Asks again when no frame comes any more. */
  #watch(): void {
    this.#stopTimer();
    if (this.#open.size === 0) return;
    this.#stopTimer = this.#host.after(this.#patience, () => {
      this.#patience *= 2;
      for (const stream of [...this.#streams.values()]) this.#askAgain(stream);
    });
  }
}

function forged(): CheckError {
  return new CheckError("bad-message", "a piece of a file did not authenticate: it was dropped");
}

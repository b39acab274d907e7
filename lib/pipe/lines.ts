/**
 * Lines out of a stream of bytes, strictly: each is UTF-8 and of bounded length.
 *
 * @module
 */
import { concatBytes, fromUtf8 } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import type { FileAction } from "../transfer/transfer_events.ts";
import { MAX_TEXT_BYTES } from "../protocol/constants.ts";

/** Some lines that came together, or a line that can't be sent. */
export type LineInput =
  | { readonly type: "lines"; readonly lines: readonly string[] }
  | { readonly type: "bad-line"; readonly error: ParleyError };

/** A command of a script, beside lines to say. */
export type ScriptAction =
  /** Nothing more will be said: the same as the end of the input. */
  | { readonly type: "finish" }
  /** Show what to compare; with `digits`, compare, and end the client where they differ. */
  | { readonly type: "verify"; readonly digits: string | null }
  /** The invite code, as the first line, where `--join` has none. */
  | { readonly type: "join"; readonly code: string }
  /** Save the signed transcript under a name. */
  | { readonly type: "export"; readonly name: string }
  /** Offer a file. */
  | { readonly type: "send-file"; readonly path: string }
  /** Decide about a file, or about its way. */
  | { readonly type: "file"; readonly action: FileAction; readonly id: string };

/** An input of a client on a pipe. */
export type PipeInput = LineInput | ScriptAction;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What some editors put in front of a UTF-8 text. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Splits bytes into lines at each newline, before which a carriage return goes; a last line without a newline counts,
 * too. A byte order mark at the beginning goes. Lines that arrive in one chunk come in one item. A line that is too long or no UTF-8 is reported by its number and left out, and no
 * more than one line's bytes are ever kept.
 *
 * @param maxBytes the longest line
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_TEXT_BYTES,
): AsyncGenerator<LineInput, void, undefined> {
  const splitter = new LineSplitter(maxBytes);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

/**
 * Takes the first line off an input; the rest stays to be read.
 *
 * @returns the line, or `null` when the input has none or it can't be used
 */
export async function takeFirstLine(
  input: AsyncGenerator<PipeInput, void, undefined>,
): Promise<{ first: string | null; rest: AsyncIterable<PipeInput> }> {
  const { value, done } = await input.next();
  if (!done && value.type === "join") return { first: value.code, rest: input };
  if (done || value.type !== "lines") return { first: null, rest: input };
  const [first = null, ...others] = value.lines;
  async function* rest(): AsyncGenerator<PipeInput> {
    if (others.length > 0) yield { type: "lines", lines: others };
    yield* input;
  }
  return { first, rest: rest() };
}

/** All of an input up to a line that is the word `exit`, with which the original protocol's clients leave. */
export async function* linesUntilExit<Item extends PipeInput>(
  input: AsyncIterable<Item | LineInput>,
): AsyncGenerator<Item | LineInput, void, undefined> {
  for await (const item of input) {
    const at = item.type === "lines" ? item.lines.indexOf("exit") : -1;
    if (item.type !== "lines" || at < 0) {
      yield item;
      continue;
    }
    if (at > 0) yield { type: "lines", lines: item.lines.slice(0, at) };
    return;
  }
}

class LineSplitter {
  #number = 1;
  #parts: Uint8Array[] = [];
  #length = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *push(chunk: Uint8Array): Generator<LineInput> {
    let lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#take();
      if (typeof line === "string") {
        lines.push(line);
        continue;
      }
      if (lines.length > 0) yield { type: "lines", lines };
      lines = [];
      yield { type: "bad-line", error: line };
    }
    this.#keep(chunk.subarray(start));
    if (lines.length > 0) yield { type: "lines", lines };
  }

  *end(): Generator<LineInput> {
    if (this.#length === 0) return;
    const line = this.#take();
    if (typeof line === "string") yield { type: "lines", lines: [line] };
    else yield { type: "bad-line", error: line };
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length <= this.#maxBytes) this.#parts.push(part.slice());
    else this.#parts = [];
  }

  #take(): string | ParleyError {
    const [parts, length, number] = [this.#parts, this.#length, this.#number++];
    this.#parts = [];
    this.#length = 0;
    const bytes = concatBytes(...parts);
    if (length > this.#maxBytes) {
      return new ParleyError(
        "line-too-long",
        `line ${number} has ${length} bytes and was not sent: at most ${this.#maxBytes} fit`,
      );
    }
    try {
      const line = fromUtf8(bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes);
      return number === 1 && line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
    } catch {
      return new ParleyError("line-not-utf8", `line ${number} is not UTF-8 and was not sent`);
    }
  }
}

/**
 * A client on a pipe: what the other side says on stdout, a line each; everything else on stderr.
 *
 * @module
 */
import type { ConversationEvent } from "../conversation/events.ts";
import { noticeFor } from "../conversation/notices.ts";

/** A stream for lines. */
export interface LineWriter {
  /** Writes one line; its end is added. */
  (line: string): void;
}

/** The view of a client whose input is no terminal. */
export class PipeView {
  readonly #out: LineWriter;
  readonly #notice: LineWriter;
  readonly #safe: (text: string) => string;

  /**
   * A view over two streams.
   *
   * @param out stdout
   * @param notice stderr
   * @param safe makes peer text harmless, where stdout is a terminal; elsewhere the identity
   */
  constructor(out: LineWriter, notice: LineWriter, safe: (text: string) => string) {
    this.#out = out;
    this.#notice = notice;
    this.#safe = safe;
  }

  /** Shows one event. */
  show(event: ConversationEvent): void {
    if (event.type === "message") {
      // One message is one line, so a line break inside becomes a symbol; --json keeps it.
      return this.#out(this.#safe(event.text.replaceAll("\n", "␊")));
    }
    if (event.type === "explain") return event.lines.forEach((line) => this.#notice(line));
    const notice = noticeFor(event);
    if (notice !== null) this.#notice(`parley: ${notice}`);
  }
}

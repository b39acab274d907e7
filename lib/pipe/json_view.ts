/**
 * A client for scripts: every event as one JSON object on one line.
 *
 * @module
 */
import { type ConversationEvent, eventToJson } from "../conversation/events.ts";
import type { LineWriter } from "./pipe_view.ts";

/** The view of `--json`. */
export class JsonView {
  readonly #out: LineWriter;
  readonly #isAscii: boolean;

  /**
   * A view over stdout.
   *
   * @param ascii escape what is not ASCII, which means the same
   */
  constructor(out: LineWriter, { ascii = false }: { readonly ascii?: boolean } = {}) {
    this.#out = out;
    this.#isAscii = ascii;
  }

  /** Writes one event. */
  show(event: ConversationEvent): void {
    const object = eventToJson(event);
    if (object === null) return;
    const json = JSON.stringify(object);
    this.#out(this.#isAscii ? json.replace(/[^\x20-\x7e]/g, escaped) : json);
  }
}

/** One UTF-16 code unit as JSON escapes it. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A client for scripts: every event as one JSON object on one line.
 *
 * @module
 */
import { type ConversationEvent, eventToJson } from "../conversation/events.ts";
import { asciiJson, safeJson } from "../safe_text.ts";
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
    this.#out(this.#isAscii ? asciiJson(json) : safeJson(json));
  }
}

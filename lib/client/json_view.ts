/**
 * A client for scripts: every event as one JSON object on one line.
 *
 * @module
 */
import { type ClientEvent, eventToJson, type View } from "./events.ts";
import type { LineWriter } from "./pipe_view.ts";

/** The view of `--json`. */
export class JsonView implements View {
  readonly #out: LineWriter;

  /** A view over stdout. */
  constructor(out: LineWriter) {
    this.#out = out;
  }

  /** Shows one event. */
  show(event: ClientEvent): void {
    this.#out(JSON.stringify(eventToJson(event)));
  }
}

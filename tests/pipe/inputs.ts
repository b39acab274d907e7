import { ParleyError } from "../../lib/errors.ts";
import type { LineInput } from "../../lib/pipe/lines.ts";

/** Lines and then the end of input. */
export async function* input(...items: (string[] | ParleyError)[]): AsyncGenerator<LineInput> {
  for (const item of items) {
    yield item instanceof ParleyError
      ? { type: "bad-line", error: item }
      : { type: "lines", lines: item };
  }
}

/** Input that never ends. */
export const silence = (): AsyncIterable<LineInput> => ({
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
});

/** Nothing interrupts. */
export const never = new Promise<void>(() => {});

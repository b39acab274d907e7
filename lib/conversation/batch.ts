/**
 * What is kept or said in one go: lines that wait behind one another share a write to the disk and a signature.
 *
 * @module
 */
import type { Item, Tag } from "../delivery/record.ts";

/** Most lines in one go, so that a flood of input does not hold up what comes in. */
export const MAX_BATCH = 64;

/** And so many characters, so that a journal can keep them in one piece. */
const MAX_BATCH_CHARACTERS = 1024 * 1024;

/** A queue in which lines wait among other things. */
export interface LineQueue {
  /** What waits, oldest first. */
  readonly waiting: readonly { readonly type: string }[];
  /** Takes the oldest out. */
  shift(): unknown;
}

/** Lines, as they wait. */
export interface Lines {
  /** What they are. */
  readonly type: "say";
  /** One or more. */
  readonly texts: readonly string[];
  /** Whom they are for, where that may change. */
  readonly to?: Tag;
}

function isLines(input: { readonly type: string } | undefined): input is Lines {
  return input?.type === "say";
}

/** The lines that wait, oldest first. */
export function queuedLines({ waiting }: Pick<LineQueue, "waiting">): readonly string[] {
  return waiting.flatMap((input) => isLines(input) ? input.texts : []);
}

/**
 * Takes lines out of the front of a queue, until it is a batch with `first`, or something else comes first, or what is
 * for somebody else.
 */
export function takeBatch(queue: LineQueue, first: Lines): readonly string[] {
  const texts = [...first.texts];
  const characters = () => texts.reduce((sum, { length }) => sum + length, 0);
  for (let next = queue.waiting[0]; isLines(next); next = queue.waiting[0]) {
    if (next.to !== first.to || texts.length >= MAX_BATCH || characters() >= MAX_BATCH_CHARACTERS) {
      break;
    }
    queue.shift();
    texts.push(...next.texts);
  }
  return texts;
}

/** The texts among some items. */
export function textsOf(items: readonly Item[]): string[] {
  return items.filter(({ kind }) => kind === "text").map(({ body }) => body);
}

/** The texts before the first file. */
export function leadingTexts(items: readonly Item[]): string[] {
  const end = items.findIndex(({ kind }) => kind !== "text");
  return textsOf(end < 0 ? items : items.slice(0, end));
}

/**
 * Undo: the states that a line was in, the latest first.
 *
 * @module
 */

/** Steps that are kept. */
const MAX_STEPS = 200;

/** How many characters typed in a row one undo takes back, as in Emacs. */
const MAX_TYPED = 20;

/** A line as it was. */
export interface Snapshot {
  /** The text. */
  readonly text: string;
  /** The cursor in it. */
  readonly cursor: number;
}

/** What can be undone. Immutable. */
export interface UndoStack {
  /** The latest first. */
  readonly steps: readonly Snapshot[];
  /** How many characters were typed since the latest step. */
  readonly typed: number;
}

/** Nothing to undo. */
export const NO_UNDO: UndoStack = { steps: [], typed: 0 };

/** Remembers a line before it changes; characters that are typed in a row make one step. */
export function recordUndo(stack: UndoStack, before: Snapshot, typing: boolean): UndoStack {
  if (typing && stack.typed > 0 && stack.typed < MAX_TYPED) {
    return { ...stack, typed: stack.typed + 1 };
  }
  const { text, cursor } = before;
  return {
    steps: [{ text, cursor }, ...stack.steps].slice(0, MAX_STEPS),
    typed: typing ? 1 : 0,
  };
}

/** Ends a run of typed characters: the next one begins a new step. */
export function endTyping(stack: UndoStack): UndoStack {
  return stack.typed === 0 ? stack : { ...stack, typed: 0 };
}

/** Takes the latest step back, if there is one. */
export function popUndo(stack: UndoStack): { line: Snapshot; stack: UndoStack } | undefined {
  const [line, ...steps] = stack.steps;
  return line && { line, stack: { steps, typed: 0 } };
}

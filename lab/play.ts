/**
 * Plays an attack on both protocols and says what came of it.
 *
 * @module
 */
import { type Attack, AttackSucceeded, NoEffect } from "./attack.ts";
import type { Lab } from "./harness/lab.ts";

/** What came of one half of a play. */
export interface Half {
  /** Whether it is as the catalogue says. */
  readonly isAsExpected: boolean;
  /** In one word or two, for the table. */
  readonly word: string;
  /** What was seen, or what went wrong, one line. */
  readonly line: string;
}

/** What came of a play. */
export interface Outcome {
  /** Which attack it was. */
  readonly attack: Attack;
  /** Against the textbook. */
  readonly textbook: Half;
  /** Against `parley-1`. */
  readonly parley: Half;
}

/** Whether the textbook fell and `parley-1` did not, by the check that the catalogue names. */
export function isAsExpected({ textbook, parley }: Outcome): boolean {
  return textbook.isAsExpected && parley.isAsExpected;
}

/** Plays an attack against the textbook. It has to succeed. */
export async function playTextbook(lab: Lab, attack: Attack): Promise<Half> {
  try {
    return { isAsExpected: true, word: "succeeds", line: await attack.textbook(lab) };
  } catch (error) {
    const word = error instanceof NoEffect ? "no effect" : "broken";
    return { isAsExpected: false, word, line: messageOf(error) };
  } finally {
    await lab.endPlay();
  }
}

/** Plays it against `parley-1`. It has to be refused, and by the check that the catalogue names. */
export async function playParley(lab: Lab, attack: Attack): Promise<Half> {
  try {
    const { code, seen } = await attack.parley(lab);
    if (code === attack.code) return { isAsExpected: true, word: attack.answer, line: seen };
    const line = `refused with ${code}, where ${attack.code} was expected: ${seen}`;
    return { isAsExpected: false, word: "otherwise", line };
  } catch (error) {
    const word = error instanceof AttackSucceeded ? "SUCCEEDS" : "broken";
    return { isAsExpected: false, word, line: messageOf(error) };
  } finally {
    await lab.endPlay();
  }
}

/** Plays both halves. */
export async function play(lab: Lab, attack: Attack): Promise<Outcome> {
  const textbook = await playTextbook(lab, attack);
  return { attack, textbook, parley: await playParley(lab, attack) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.message}` : String(error);
}

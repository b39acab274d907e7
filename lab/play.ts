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
  readonly attack: Attack;
  readonly textbook: Half;
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
    if (code === attack.code) {
      return { isAsExpected: true, word: attack.answer ?? "refused", line: seen };
    }
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
  return error instanceof Error ? error.message : String(error);
}

/** Columns that the whole table takes; where there are fewer, the last column is left out. */
export const WIDE = 100;

/** The code of an attack, in a table. */
export function codeOf({ code }: Attack): string {
  return code ?? "-";
}

/** Four lines: the name, the idea, and how it went on either side. */
export function lines(number: number, { attack, textbook, parley }: Outcome): string[] {
  const code = attack.code === null || !parley.isAsExpected ? "" : ` (${attack.code})`;
  return [
    `${String(number).padStart(2)} ${attack.name}`,
    `   ${attack.idea}`,
    `   textbook  ${textbook.word}: ${textbook.line}`,
    `   parley-1  ${parley.word}${code}: ${parley.line}`,
  ];
}

/**
 * The table, and a line that counts.
 *
 * @param columns how many the reader has
 */
export function table(outcomes: readonly Outcome[], columns: number): string[] {
  const head = ["", "attack", "textbook", "parley-1", "says", "because"];
  const rows = outcomes.map(({ attack, textbook, parley }, i) => [
    String(i + 1),
    attack.name,
    textbook.word,
    parley.word,
    codeOf(attack),
    attack.check,
  ]);
  const shown = [head, ...rows].map((row) => columns >= WIDE ? row : row.slice(0, -1));
  const widths = shown[0]!.map((_, column) => Math.max(...shown.map((row) => row[column]!.length)));
  const text = shown.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[column]!)
    )
      .join("  ").trimEnd()
  );
  return [...text, "", summary(outcomes)];
}

/** One line: how many of how many went as they should. */
export function summary(outcomes: readonly Outcome[]): string {
  const fell = outcomes.filter(({ textbook }) => textbook.isAsExpected).length;
  const held = outcomes.filter(({ parley }) => parley.isAsExpected);
  const noticed = held.filter(({ attack }) => attack.answer === "noticed").length;
  const odd = outcomes.filter((outcome) => !isAsExpected(outcome)).map(({ attack }) => attack.name);
  const told =
    `${outcomes.length} attacks: ${fell} succeed against the textbook; against parley-1 ` +
    `${held.length - noticed} are refused and ${noticed} noticed`;
  return odd.length === 0 ? `${told}.` : `${told}. NOT AS EXPECTED: ${odd.join(", ")}.`;
}

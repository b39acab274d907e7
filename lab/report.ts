/**
 * What the lab prints: a few lines for each attack, and a table at the end.
 *
 * @module
 */
import type { Attack } from "./attack.ts";
import { isAsExpected, type Outcome } from "./play.ts";

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

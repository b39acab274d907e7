/**
 * What came of a run, for a person.
 *
 * @module
 */
import { grouped } from "../explore/table.ts";
import { FAULT_KINDS, SIDES } from "./fault.ts";
import type { Outcome } from "./run.ts";
import { VIOLATIONS } from "./violation.ts";

/** Most violations and unexpected exits that are listed. */
const LISTED = 20;

/** The value below which a share of the values are, by rank; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** The report's lines. */
export function* report(outcome: Outcome): Generator<string> {
  yield* tableOf(rowsOf(outcome));
  const unexpectedExits = SIDES.flatMap((side) => outcome.sides[side].unexpectedExits);
  for (const { why } of unexpectedExits.slice(0, LISTED)) yield `ended by itself: ${why}`;
  const { violations } = outcome;
  for (const { kind, what } of violations.slice(0, LISTED)) yield `${kind}: ${what}`;
  if (violations.length > LISTED) yield `and ${violations.length - LISTED} more`;
  const kinds = new Set(violations.map(({ kind }) => kind));
  for (const kind of kinds) yield `(${kind}: it ${VIOLATIONS[kind]})`;
}

/** A title, and what stands behind it. */
type Row = readonly [title: string, value: string];

function rowsOf({ sides, kills, faults, times, took, violations }: Outcome): Row[] {
  const each = (value: (side: typeof SIDES[number]) => number): string => {
    const values = SIDES.map(value);
    const sum = values.reduce((a, b) => a + b, 0);
    return `${grouped(sum)}  (${
      SIDES.map((side, i) => `${side} ${grouped(values[i]!)}`).join(", ")
    })`;
  };
  const wrong = (kind: keyof typeof VIOLATIONS) =>
    String(violations.filter((violation) => violation.kind === kind).length);
  const hit = [...faults.values()].reduce((sum, { hit }) => sum + hit, 0);
  const drawn = [...faults.values()].reduce((sum, { drawn }) => sum + drawn, 0);
  const killed = Object.entries(kills).map(([target, count]) => `${target} ${count}`).join(", ");
  return [
    ["messages taken", each((side) => sides[side].lines.taken)],
    ["messages arrived", each((side) => sides[side].lines.arrived)],
    ["lost", wrong("lost")],
    ["twice", wrong("twice")],
    ["out of order", wrong("out of order")],
    ["altered or invented", `${wrong("altered")}, ${wrong("invented")}`],
    ["shown again, and marked so", each((side) => sides[side].lines.shownAgain)],
    ["given to a killed client, not taken", each((side) => sides[side].lines.notTaken)],
    ["kept right before a kill", each((side) => sides[side].lines.takenUnsaid)],
    ["files taken", each((side) => sides[side].files.taken)],
    ["files whole", each((side) => sides[side].files.whole)],
    ["kills", `${sum(Object.values(kills))}  (${killed})`],
    ["faults", `${hit} hit of ${drawn} drawn`],
    ...FAULT_KINDS.map((kind): Row => {
      const { hit, drawn } = faults.get(kind) ?? { hit: 0, drawn: 0 };
      return [`  ${kind}`, `${hit} of ${drawn}`];
    }),
    ["reconnections", each((side) => Math.max(0, sides[side].sessions - 1))],
    ["clients that ended by themselves", each((side) => sides[side].unexpectedExits.length)],
    ["delivered within, median", `${Math.round(quantile(times, 0.5))} ms`],
    ["delivered within, 95%", `${Math.round(quantile(times, 0.95))} ms`],
    ["delivered within, all", `${Math.round(quantile(times, 1))} ms`],
    ["took", `${(took / 1000).toFixed(1)} s`],
    ["violations", grouped(violations.length)],
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function tableOf(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
}

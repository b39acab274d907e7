/** What came of a run, for a person. */
import { VIOLATIONS } from "./ledger.ts";
import { FAULT_KINDS, SIDES } from "./schedule.ts";
import type { Outcome } from "./run.ts";

/** Most violations and unexpected exits that are listed. */
const LISTED = 20;

/** The value below which a share of the values are, by rank; 0 for none. */
function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `${Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)} ms`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** The report's lines. */
export function* report(outcome: Outcome): Generator<string> {
  const rows = rowsOf(outcome);
  const width = Math.max(...rows.map(([title]) => title.length));
  for (const [title, value] of rows) yield `${title.padEnd(width)}  ${value}`;
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
  const grouped = (n: number) => n.toLocaleString("en");
  const each = (value: (side: typeof SIDES[number]) => number): string => {
    const parts = SIDES.map((side) => `${side} ${grouped(value(side))}`);
    return `${grouped(sum(SIDES.map(value)))}  (${parts.join(", ")})`;
  };
  const wrong = (kind: keyof typeof VIOLATIONS) =>
    String(violations.filter((violation) => violation.kind === kind).length);
  const hit = sum(Array.from(faults.values(), ({ hit }) => hit));
  const drawn = sum(Array.from(faults.values(), ({ drawn }) => drawn));
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
    ["delivered within, median", quantile(times, 0.5)],
    ["delivered within, 95%", quantile(times, 0.95)],
    ["delivered within, all", quantile(times, 1)],
    ["took", `${(took / 1000).toFixed(1)} s`],
    ["violations", grouped(violations.length)],
  ];
}

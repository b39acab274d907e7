/** Explorations as a table. */
import type { Exploration } from "./exploration.ts";

/** A column: its title, a cell of it, and what stands under all of them. */
type Column = readonly [
  title: string,
  cell: (of: Exploration) => string,
  sum: (of: readonly Exploration[]) => string,
];

const nothing = () => "";

/** A column of counts, which are added up. */
function counts(title: string, count: (of: Exploration) => number): Column {
  return [title, (of) => grouped(count(of)), (all) => grouped(total(all, count))];
}

function total(all: readonly Exploration[], count: (of: Exploration) => number): number {
  return all.reduce((sum, of) => sum + count(of), 0);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

const COLUMNS: readonly Column[] = [
  ["scenario", ({ scenario }) => scenario.name, () => "all"],
  ["processes", ({ scenario }) => String(scenario.processes.length), nothing],
  ["changed", changedOf, nothing],
  counts("states", ({ states }) => states),
  counts("transitions", ({ transitions }) => transitions),
  ["depth", ({ depth }) => String(depth), (all) => deepest(all)],
  counts("local states", ({ localStates }) => localStates),
  counts("real steps", ({ localSteps }) => localSteps),
  counts("messages", ({ messages }) => messages),
  [
    "seconds",
    ({ milliseconds }) => seconds(milliseconds),
    (all) => seconds(total(all, ({ milliseconds }) => milliseconds)),
  ],
  ["result", resultOf, nothing],
];

function deepest(all: readonly Exploration[]): string {
  return String(Math.max(0, ...all.map(({ depth }) => depth)));
}

/** How many messages the attacker may change, where there is one. */
function changedOf({ scenario: { patient, attacks } }: Exploration): string {
  return patient === null ? String(attacks) : "-";
}

/** 1234567 as 1,234,567. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

function resultOf({ counterexample, complete }: Exploration): string {
  if (counterexample !== null) return `violates ${counterexample.property}`;
  return complete ? "holds" : "holds so far";
}

/** The table's lines: titles, a line for each exploration, and their sum. */
export function tableOf(explorations: readonly Exploration[]): string[] {
  const rows = explorations.map((each) => COLUMNS.map(([, cell]) => cell(each)));
  const titles = COLUMNS.map(([title]) => title);
  const sums = COLUMNS.map(([, , sum]) => sum(explorations));
  const all = [titles, ...rows, ...explorations.length > 1 ? [sums] : []];
  const widths = COLUMNS.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) =>
    row.map((cell, i) => {
      const text = i === 0 || i === row.length - 1;
      return text ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
    }).join("  ").trimEnd()
  );
}

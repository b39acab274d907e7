/**
 * Explorations as a table.
 *
 * @module
 */
import type { Exploration } from "./exploration.ts";

const COLUMNS: readonly (readonly [title: string, cell: (of: Exploration) => string])[] = [
  ["scenario", ({ scenario }) => scenario.name],
  ["processes", ({ scenario }) => String(scenario.processes.length)],
  ["changed", ({ scenario }) => scenario.patient === null ? String(scenario.attacks) : "-"],
  ["states", ({ states }) => grouped(states)],
  ["transitions", ({ transitions }) => grouped(transitions)],
  ["depth", ({ depth }) => String(depth)],
  ["local states", ({ localStates }) => grouped(localStates)],
  ["real steps", ({ localSteps }) => grouped(localSteps)],
  ["messages", ({ messages }) => grouped(messages)],
  ["seconds", ({ milliseconds }) => (milliseconds / 1000).toFixed(1)],
  ["result", resultOf],
];

/** 1234567 as 1,234,567. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

function resultOf({ counterexample, complete }: Exploration): string {
  if (counterexample !== null) return `violates ${counterexample.property}`;
  return complete ? "holds" : "holds so far";
}

/** The table's lines: titles, one line for each exploration, and their sum. */
export function tableOf(explorations: readonly Exploration[]): string[] {
  const rows = explorations.map((each) => COLUMNS.map(([, cell]) => cell(each)));
  const all = [COLUMNS.map(([title]) => title), ...rows];
  const widths = COLUMNS.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) =>
    row.map((cell, i) => {
      const text = i === 0 || i === row.length - 1;
      return text ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
    }).join("  ").trimEnd()
  );
}

/** Explorations as a table. */
import type { Exploration } from "./exploration.ts";

type Figure =
  | "states"
  | "transitions"
  | "depth"
  | "localStates"
  | "localSteps"
  | "messages"
  | "milliseconds";

const TITLES = [
  ...["scenario", "processes", "changed", "states", "transitions", "depth"],
  ...["local states", "real steps", "messages", "seconds", "result"],
];

function figures(of: Readonly<Record<Figure, number>>): string[] {
  const counts = [of.states, of.transitions, of.depth, of.localStates, of.localSteps, of.messages];
  return [...counts.map((n) => n.toLocaleString("en")), (of.milliseconds / 1000).toFixed(1)];
}

function rowOf(of: Exploration): string[] {
  const { name, processes, patient, attacks } = of.scenario;
  const changed = patient === null ? String(attacks) : "-";
  const holds = of.complete ? "holds" : "holds so far";
  const result = of.counterexample === null ? holds : `violates ${of.counterexample.property}`;
  return [name, String(processes.length), changed, ...figures(of), result];
}

/** The table's lines: titles, a line for each exploration, and their sum. */
export function tableOf(explorations: readonly Exploration[]): string[] {
  const sum = (figure: Figure) => explorations.reduce((all, of) => all + of[figure], 0);
  const sums = figures({
    states: sum("states"),
    transitions: sum("transitions"),
    depth: Math.max(0, ...explorations.map(({ depth }) => depth)),
    localStates: sum("localStates"),
    localSteps: sum("localSteps"),
    messages: sum("messages"),
    milliseconds: sum("milliseconds"),
  });
  const rows = [TITLES, ...explorations.map(rowOf)];
  if (explorations.length > 1) rows.push(["all", "", "", ...sums, ""]);
  const widths = TITLES.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const isText = (i: number) => i === 0 || i === TITLES.length - 1;
  const padded = (cell: string, i: number) =>
    isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
  return rows.map((row) => row.map(padded).join("  ").trimEnd());
}

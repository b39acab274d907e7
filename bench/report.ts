/**
 * What a run found, as a table on the screen, as JSON, and in docs/PERFORMANCE.md.
 *
 * @module
 */
import type { Growth } from "./growth.ts";
import type { Measured } from "./measure.ts";
import { type Row, ROWS } from "./rows.ts";

/** What one run found. */
export interface Run {
  /** Where it ran: processor, cores, versions, and how busy the machine was. */
  readonly machine: string;
  /** When, as an ISO date. */
  readonly date: string;
  /** The commit. */
  readonly commit: string;
  /** What each row found, or why it could not be measured. */
  readonly rows: Readonly<Record<string, Measured | { readonly failed: string }>>;
  /** The curves. */
  readonly growth: readonly Growth[];
}

/** What docs/performance.json has: the run before the wire's second edition, and the last one. */
export interface History {
  readonly before: Run | null;
  readonly now: Run | null;
}

/** What is held against a target: the ratio to the peer, or ours where there is no peer to be one. */
export function score({ peer }: Row, found: Run["rows"][string] | undefined): number | null {
  if (found === undefined || "failed" in found) return null;
  return peer === null ? found.ours : found.ratio;
}

/** A target in words. */
function targetWords({ target }: Row): string {
  return "most" in target ? `at most ${target.most}` : `at least ${target.least}`;
}

/** Whether a score is what was aimed at. */
function isMet({ target }: Row, score: number): boolean {
  return "most" in target ? score <= target.most : score >= target.least;
}

/** A number with three digits that mean something. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function amount(value: number | null, unit: string): string {
  return value === null ? "not there" : `${short(value)} ${unit}`;
}

/** A run as the lines of a table, with how the scores have changed since another one. */
export function tableLines(run: Run, last: Run | null): string[] {
  const head = ["row", "ours", "peer", "ratio", "target", "", ...(last ? ["last", "change"] : [])];
  const cells = [head];
  const notes: string[] = [];
  for (const row of ROWS) {
    const found = run.rows[row.name];
    if (found === undefined) continue;
    if ("failed" in found) {
      notes.push(`${row.name}: not measured: ${found.failed}`);
      continue;
    }
    const [now, then] = [score(row, found), score(row, last?.rows[row.name])];
    cells.push([
      row.name,
      amount(found.ours, found.unit),
      row.peer === null ? "" : amount(found.peer, found.unit),
      found.ratio === null ? "" : short(found.ratio),
      targetWords(row),
      now === null ? "" : isMet(row, now) ? "met" : "MISSED",
      ...(last ? [then === null ? "" : short(then), change(now, then)] : []),
    ]);
    for (const note of found.notes ?? []) notes.push(`${row.name}: ${note}`);
  }
  for (const { name, points } of run.growth) {
    notes.push(`${name}: ${points.map(([x, y]) => `${short(x)}: ${short(y)}`).join(", ")}`);
  }
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ");
  return [...cells.map((row) => line(row).trimEnd()), "", ...notes];
}

function change(now: number | null, then: number | null): string {
  if (now === null || then === null || then === 0) return "";
  return `${now >= then ? "+" : ""}${((now / then - 1) * 100).toFixed(0)} %`;
}

/** Where the generated part of docs/PERFORMANCE.md stands. */
export const [BEGIN, END] = ["<!-- made by deno task bench --write -->", "<!-- end -->"];

/** The generated part of docs/PERFORMANCE.md. */
export function documentPart({ before, now }: History): string {
  const cell = (row: Row, run: Run | null) => {
    const found = run?.rows[row.name];
    const value = score(row, found);
    if (found === undefined || "failed" in found || value === null) return "—";
    const [ours, peer] = [amount(found.ours, found.unit), amount(found.peer, found.unit)];
    return row.peer === null ? ours : `${short(value)} (${ours}, ${peer})`;
  };
  const rows = ROWS.map((row) => {
    const value = score(row, now?.rows[row.name]);
    const met = value === null ? "" : isMet(row, value) ? "met" : "missed";
    const against = row.peer ?? "its own number";
    return `| \`${row.name}\` | ${row.what} | ${against} | ${cell(row, before)} | ${
      cell(row, now)
    } | ${targetWords(row)} | ${met} |`;
  });
  const notes = ROWS.flatMap((row) => {
    const found = now?.rows[row.name];
    if (found === undefined) return [];
    const words = "failed" in found ? [`not measured: ${found.failed}`] : found.notes ?? [];
    return words.map((note) => `- \`${row.name}\`: ${note}`);
  });
  const where = (title: string, run: Run | null) =>
    run === null ? [] : [`- ${title}: ${run.date}, commit ${run.commit}, ${run.machine}`];
  return [
    ...where("Before", before),
    ...where("Now", now),
    "",
    "| row | what | against | before | now | target | |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
    ...notes,
  ].join("\n").trimEnd() + "\n";
}

/** A document with its generated part made anew. @throws {Error} when it has no such part */
export function withPart(document: string, history: History): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no ${BEGIN}`);
  const head = document.slice(0, begin + BEGIN.length);
  return `${head}\n\n${documentPart(history)}\n${document.slice(end)}`;
}

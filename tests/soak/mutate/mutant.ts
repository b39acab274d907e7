/** Mutants: all that the operators make of a file. */
import { type Edit, OPERATORS } from "./operators.ts";
import { compile, nodesOf, parse, scopeOf } from "./syntax.ts";

/** A file with one edit. */
export interface Mutant extends Edit {
  readonly file: string;
  /** The line of the edit, from 1. */
  readonly line: number;
  /** The function, method or class that it lies in; empty at the top. */
  readonly scope: string;
  readonly operator: string;
  readonly from: string;
  /** The line, or lines, with the edit made. */
  readonly result: string;
}

/** All mutants of a file, from its top. `variadic` is for the operators. */
export function mutantsOf(file: string, text: string, variadic: ReadonlySet<string>): Mutant[] {
  const source = parse(file, text);
  const mutants: Mutant[] = [];
  for (const node of nodesOf(source)) {
    for (const [operator, edits] of Object.entries(OPERATORS)) {
      for (const edit of edits(node, variadic)) {
        const line = source.getLineAndCharacterOfPosition(edit.start).line + 1;
        const from = text.slice(edit.start, edit.end);
        const result = linesAround(text, edit);
        mutants.push({ ...edit, file, line, scope: scopeOf(node), operator, from, result });
      }
    }
  }
  return mutants.sort((a, b) => a.start - b.start);
}

function linesAround(text: string, { start, end, to }: Edit): string {
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return (before + to + text.slice(end).split("\n", 1)[0]).trim();
}

/** The file's text with the edit made. */
export function mutate(text: string, { start, end, to }: Edit): string {
  return text.slice(0, start) + to + text.slice(end);
}

/** Whether the edit leaves a file that compiles, and to something else than `genuine`, what it compiles to now. */
export function changesCode(text: string, genuine: string | null, mutant: Mutant): boolean {
  const compiled = compile(mutate(text, mutant));
  return compiled !== null && compiled !== genuine;
}

/** What the edit does, in one line. */
export function describe({ file, line, scope, operator, from, to }: Mutant): string {
  const short = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 90);
  const where = scope === "" ? "" : ` in ${scope}`;
  return `${file}:${line}${where}, ${operator}: ${short(from)} => ${short(to) || "(nothing)"}`;
}

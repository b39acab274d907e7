/**
 * Mutants that no test can notice, each with its reason.
 *
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** Mutants that are left out. */
export interface Exclusion {
  /** The file, below lib/. */
  readonly file: string;
  /** The function that they lie in, such as `Outbox.add`. */
  readonly scope: string;
  /** The operator's name. */
  readonly operator: string;
  /** Text that `from => to` of each holds. */
  readonly text: string;
  /** Why the program still does the same. */
  readonly reason: string;
}

/** The list. */
export const EXCLUSIONS: readonly Exclusion[] = [];

/** Whether a mutant is one of an exclusion's. */
export function excludes(exclusion: Exclusion, mutant: Mutant): boolean {
  const { file, scope, operator, text } = exclusion;
  return mutant.file === `lib/${file}` && mutant.scope === scope && mutant.operator === operator &&
    `${mutant.from} => ${mutant.to}`.includes(text);
}

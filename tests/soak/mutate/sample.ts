/** A sample of mutants, the same for one seed whatever else changes in the project. */
import { createHash } from "node:crypto";
import type { Mutant } from "./mutant.ts";

/** The folder that a mutant is counted in: the one below lib/, or lib/ itself. */
export function folderOf({ file }: Mutant): string {
  return file.split("/").slice(0, -1).slice(0, 2).join("/");
}

/**
 * At most `count` mutants of each folder: those whose names, hashed with the seed, come first. One for which `isOne` says
 * no is replaced by the next.
 */
export function sample(
  mutants: readonly Mutant[],
  count: number,
  seed: number,
  isOne: (mutant: Mutant) => boolean,
): Mutant[] {
  const drawn = mutants.map((mutant) => ({ mutant, draw: hashOf(`${seed} ${nameOf(mutant)}`) }));
  drawn.sort((a, b) => a.draw < b.draw ? -1 : a.draw > b.draw ? 1 : 0);
  const taken = new Map<string, Mutant[]>();
  for (const { mutant } of drawn) {
    const folder = folderOf(mutant);
    const others = taken.get(folder) ?? [];
    if (others.length < count && isOne(mutant)) taken.set(folder, [...others, mutant]);
  }
  return [...taken.keys()].sort().flatMap((folder) => taken.get(folder)!);
}

/** What a mutant is called as long as its function stays: lines and offsets move with every change above. */
function nameOf({ file, scope, operator, from, to }: Mutant): string {
  return JSON.stringify([file, scope, operator, from, to]);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * "Did you mean …?"
 *
 * @module
 */

/** The word that begins like this one, or else the one that the fewest changes lead to. */
export function nearestWord(word: string, list: readonly string[]): string {
  const longer = word.length < 3 ? undefined : list.find((one) => one.startsWith(word));
  if (longer !== undefined) return longer;
  let best = list[0]!;
  for (const candidate of list) {
    if (distance(word, candidate) < distance(word, best)) best = candidate;
  }
  return best;
}

/** The Levenshtein distance of two words; of the first one only twelve letters count. */
export function distance(one: string, other: string): number {
  const letters = [...one].slice(0, 12);
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of letters.entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const substitution = row[j]! + (letter === other[j] ? 0 : 1);
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, substitution));
    }
    row = next;
  }
  return row[other.length]!;
}

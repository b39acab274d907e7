/**
 * The kill ring of Emacs: what was killed, to be yanked back.
 *
 * @module
 */

/** Kills that are kept. */
const MAX_KILLS = 60;

/** What was killed, the latest first. Immutable. */
export type KillRing = readonly string[];

/** Which side of the cursor a kill took its text from. */
export type KillDirection = "forward" | "backward";

/**
 * Adds a kill, unless it is empty. One that `continues` the kill just before becomes one entry with it, in the order in
 * which they stood in the line.
 */
export function addKill(
  ring: KillRing,
  text: string,
  direction: KillDirection,
  continues: boolean,
): KillRing {
  if (text === "") return ring;
  const [latest, ...others] = ring;
  if (!continues || latest === undefined) return [text, ...ring].slice(0, MAX_KILLS);
  return [direction === "forward" ? latest + text : text + latest, ...others];
}

/** Emacs `yank-pop`: makes the next older kill the one that a yank gives. */
export function rotateKills(ring: KillRing): KillRing {
  const [latest, ...others] = ring;
  return latest === undefined ? ring : [...others, latest];
}

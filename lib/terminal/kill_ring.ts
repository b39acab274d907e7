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
 * Adds a kill.
 *
 * @param ring the ring
 * @param text what was killed; nothing changes when it is empty
 * @param direction where it was
 * @param continues whether the command before was a kill too: then both become one entry, in the
 *   order in which they stood in the line
 * @returns the new ring
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

/**
 * Emacs `yank-pop`: makes the next older kill the one that a yank gives.
 *
 * @param ring the ring
 * @returns the rotated ring
 */
export function rotateKills(ring: KillRing): KillRing {
  const [latest, ...others] = ring;
  return latest === undefined ? ring : [...others, latest];
}

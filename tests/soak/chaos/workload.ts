/** What both say and send, and when: drawn from the seed, too. */
import { Chance } from "./chance.ts";
import { type Side, SIDES } from "./schedule.ts";

/** Lines in a minute, of both sides together: more than 10,000 in five minutes. */
const LINES = 2_200;

/** Files in a minute, of both sides together. */
const FILES = 6;

/** Milliseconds before the end in which nothing new is said or sent. */
const LAST = 500;

/** Something to do at one moment, in milliseconds from the beginning of the faults. */
export type Task =
  | { readonly at: number; readonly side: Side; readonly lines: number }
  | { readonly at: number; readonly side: Side; readonly file: { readonly bytes: number } };

/** Draws what is to be done. @param duration milliseconds in which all of it begins */
export function drawWorkload(seed: number, duration: number): Task[] {
  const tasks: Task[] = [];
  for (const side of SIDES) {
    const chance = new Chance(`${seed}: what ${side} says`);
    const moment = () => chance.between(0, Math.max(0, duration - LAST));
    for (let left = Math.ceil(LINES / 2 * duration / 60_000); left > 0;) {
      const lines = Math.min(left, drawBurst(chance));
      tasks.push({ at: moment(), side, lines });
      left -= lines;
    }
    const files = new Chance(`${seed}: what ${side} sends`);
    for (const bytes of drawSizes(files, Math.ceil(FILES / 2 * duration / 60_000))) {
      const at = files.between(0, Math.max(0, duration - LAST));
      tasks.push({ at, side, file: { bytes } });
    }
  }
  return tasks.sort((a, b) => a.at - b.at);
}

/** Lines that are said at once: mostly a few, at times very many. */
function drawBurst(chance: Chance): number {
  return chance.pick([1, 1, 1, 2, 3, 5, 8, 20, 60, 150]);
}

/**
 * Bytes of files, all different: a receiver takes two files of the same content, such as two empty ones, one after
 * the other, and has to be asked for the second.
 */
function drawSizes(chance: Chance, count: number): Set<number> {
  const sizes = new Set<number>();
  while (sizes.size < count) sizes.add(drawSize(chance));
  return sizes;
}

/** Bytes of a file: none, around the borders of powers of two, anything up to some MiB. */
function drawSize(chance: Chance): number {
  switch (chance.between(0, 5)) {
    case 0:
      return chance.pick([0, 1]);
    case 1:
      return 2 ** chance.between(10, 18) + chance.between(-1, 1);
    case 2:
      return chance.between(1 << 20, 4 << 20);
    default:
      return chance.between(1, 1 << 18);
  }
}

/**
 * One line, unlike every other: its side, its number, and something more. It has line breaks and other
 * alphabets at times.
 */
export function lineOf(seed: number, side: Side, number: number): string {
  const chance = new Chance(`${seed}: ${side} ${number}`);
  const words = ["", "tick", "à bientôt", "第二", "مرحبا", "👩‍🚀", "\n", "\t", "\\", '"', "\u202e"];
  const count = chance.between(1, 40) === 1 ? chance.between(200, 600) : chance.between(0, 12);
  const filler = Array.from({ length: count }, () => chance.pick(words)).join(" ");
  return `${side} ${number} ${filler}`;
}

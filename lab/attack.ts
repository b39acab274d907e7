/**
 * What an attack of the lab is: one idea, played twice. Against the textbook it has to succeed, against
 * `parley-1` it has to be refused, and each play says what it saw.
 *
 * Nothing here, and nothing in attacks/, imports a socket: the list can be read without any permission.
 *
 * @module
 */
import type { Lab } from "./harness/lab.ts";

/**
 * What `parley-1` does about an attack. `refused`: the attack comes to nothing. `noticed`: nobody can prevent
 * it, and the person sees it.
 */
export type Answer = "refused" | "noticed";

/** One attack. */
export interface Attack {
  /** Its stable name, lower case with hyphens. */
  readonly name: string;
  /** One line: what the attacker does, and why it works in the textbook. */
  readonly idea: string;
  /** One line of mathematics, or of the bytes that matter. */
  readonly formula: string;
  /** The check of `parley-1` that stops it, in a few words: a cell of the table. */
  readonly check: string;
  /** The same in one line. */
  readonly defence: string;
  /** What `parley-1` says: an error code of docs/PROTOCOL.md, 16.3, or an event; `null` where it says nothing. */
  readonly code: string | null;
  /** What `parley-1` does: `refused`, unless another is named. */
  readonly answer?: Answer;
  /**
   * Plays it against the textbook.
   *
   * @returns what the attacker gained, one line
   * @throws {NoEffect} when it gained nothing
   */
  textbook(lab: Lab): Promise<string>;
  /**
   * Plays it against `parley-1`.
   *
   * @throws {AttackSucceeded} when the victim fell for it
   * @throws {Error} when the victim never came as far as the attack
   */
  parley(lab: Lab): Promise<Refusal>;
}

/** How `parley-1` answered. */
export interface Refusal {
  /** The code that the victim gave. */
  readonly code: string | null;
  /** What was seen, one line. */
  readonly seen: string;
}

/** The attack on the textbook gained nothing. */
export class NoEffect extends Error {
  override readonly name = "NoEffect";
}

/** The victim fell for it. */
export class AttackSucceeded extends Error {
  override readonly name = "AttackSucceeded";
}

/** The attack on the textbook has to have had this effect. */
export function mustHold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new NoEffect(`not so: ${what}`);
}

/** The play has to have come as far as this: without it, a refusal proves nothing. */
export function mustReach(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not reached: ${what}`);
}

/** `parley-1` has to have kept this from happening. */
export function mustNot(condition: boolean, what: string): void {
  if (condition) throw new AttackSucceeded(what);
}

/**
 * Invite codes: `7-calm-harbor-lantern`. The number is the room, which the relay allots; the words are the secret.
 *
 * 24 secret bits are enough because a guess costs an attempt at which a person is present, and the first wrong
 * one spends that person's code: one chance in 2^24 for each person's attempt. A relay between the two has two.
 *
 * @module
 */
import { ParleyError } from "../errors.ts";
import type { Random } from "../crypto/random.ts";
import { nearestWord } from "../nearest_word.ts";
import { allottedRoom, isAllottedRoom, NEW_ROOM } from "../relay/wire_events.ts";
import { ADJECTIVES, NOUNS } from "./words.ts";

/** Which list each word of a code comes from. */
const LISTS: readonly (readonly string[])[] = [ADJECTIVES, NOUNS, NOUNS];

/** An invitation: a room and a shared secret. */
export interface Invite {
  /** The room's name on the relay. */
  readonly room: string;
  /** The canonical spelling: lower case, joined by hyphens. CPace's password. */
  readonly code: string;
}

/** A fresh invitation to a room that a relay has allotted. */
export function makeInvite(room: string, random: Random): Invite {
  if (!isAllottedRoom(room)) {
    throw new RangeError(`Cannot invite to ${room}: no relay has allotted it`);
  }
  const number = room.slice(NEW_ROOM.length + 1);
  const bytes = random(LISTS.length);
  const words = LISTS.map((list, i) => list[bytes[i]!]!);
  return inviteOf(number, words);
}

/**
 * Parses a code as people type it, and as what corrects their typing leaves it: any case, with anything but letters and
 * digits between its parts and around it.
 *
 * @throws {ParleyError} `bad-invite`, which names the word that is not in the list and the nearest one that is
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseInvite(" 7 Calm harbor LANTERN ").code, "7-calm-harbor-lantern");
 * ```
 */
export function parseInvite(text: string): Invite {
  const [number = "", ...words] = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  if (!/^[1-9]\d{0,8}$/.test(number) || words.length !== LISTS.length) {
    throw badInvite("expected a number and three words, like 7-calm-harbor-lantern");
  }
  for (const [i, word] of words.entries()) {
    if (LISTS[i]!.includes(word)) continue;
    const near = nearestWord(word, LISTS[i]!);
    // Only what looks like a word is repeated; the rest might be anything, a secret from elsewhere too.
    const said = /^\p{L}{1,12}$/u.test(word) ? `"${word}"` : `word ${i + 1}`;
    throw badInvite(`${said} is not in the list. Did you mean "${near}"?`);
  }
  return inviteOf(number, words);
}

/**
 * Completions of a half-typed code: candidates for all that follows its last space.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(completeInvite("7-calm-harb"), ["7-calm-harbor"]);
 * assertEquals(completeInvite("7 calm harb"), ["harbor"]);
 * ```
 */
export function completeInvite(text: string): string[] {
  const typed = text.trimStart().toLowerCase();
  const parts = typed.split(/[\s-]+/);
  const list = LISTS[parts.length - 2];
  if (list === undefined) return [];
  const stem = typed.slice(typed.search(/\S*$/), typed.length - parts.at(-1)!.length);
  return list.filter((word) => word.startsWith(parts.at(-1)!)).map((word) => stem + word);
}

function inviteOf(number: string, words: readonly string[]): Invite {
  return { room: allottedRoom(Number(number)), code: [number, ...words].join("-") };
}

function badInvite(reason: string): ParleyError {
  return new ParleyError("bad-invite", `this is no invite code: ${reason}`, 2);
}

/**
 * Keys and what to compare, in words for a terminal. The lines are short, so that all of a stop stands on a screen of
 * 40 columns and 20 lines. Names in them are harmless already.
 *
 * @module
 */
import type { KeyChange } from "../profile/trust.ts";
import { safetyPicture, safetyWords } from "../protocol/fingerprint.ts";
import type { SecureFacts } from "../protocol/session.ts";
import { day } from "../conversation/notices.ts";

/** Sixty digits in three rows of four groups, narrow enough for any terminal. */
export function digitRows(digits: string): string[] {
  return rowsOfFour(digits.split(" "));
}

/** What both sides compare: digits, words, and a picture where there can be one. */
export async function compareLines(
  { safetyNumber }: SecureFacts,
  who: string,
  draws: boolean,
): Promise<string[]> {
  const picture = draws ? await safetyPicture(safetyNumber) : [];
  return [
    `Compare this with ${who}, by voice or side by side. Both see the same:`,
    ...digitRows(safetyNumber),
    "",
    ...rowsOfFour((await safetyWords(safetyNumber)).split(" ")),
    ...picture.map((line) => `  ${line}`),
    "If it is the same, type /verify yes. If not, somebody reads along: leave.",
  ];
}

/** Both keys. */
export function keyLines({ peerFingerprint, ownFingerprint }: SecureFacts): string[] {
  return ["their key", ...digitRows(peerFingerprint), "your key", ...digitRows(ownFingerprint)];
}

/** A known name with another key: both keys, what it may mean, and what can be done. */
export function keyChangeLines(change: KeyChange, who: string): string[] {
  const { firstSeen, wasVerified, invited, knownFingerprint, peerFingerprint } = change;
  return [
    `The key since ${day(firstSeen)}${wasVerified ? ", verified" : ""}:`,
    ...digitRows(knownFingerprint),
    "The key now:",
    ...digitRows(peerFingerprint),
    `${who} may have a new device or profile,`,
    "or no --profile: a new key in every run.",
    "Or somebody is in between, reads along,",
    `or only says to be ${who}.`,
    ...(invited ? ["Whoever is there proved the invite code."] : []),
    `Ask ${who} for the digits of the key by`,
    "another way: there, /who shows them.",
    "The same? Type /accept-new-key",
    "Not sure? Leave: /exit",
  ];
}

/** The command that answers each question about a peer. */
export const ACCEPTING = { key: "/accept-new-key", signed: "/accept-signed" } as const;

/** Somebody who wants signatures, where we want none: what it means, and what can be done. */
export const SIGNED_LINES = [
  "! STOP: you are --deniable, and they are not. Nothing was sent.",
  "What you say would be signed: proof for anybody.",
  "To go on signed, type /accept-signed",
  "Not sure? Leave: /exit. Both have to start with --deniable.",
] as const;

function rowsOfFour(words: readonly string[]): string[] {
  const starts = Array.from({ length: Math.ceil(words.length / 4) }, (_, row) => 4 * row);
  return starts.map((at) => `  ${words.slice(at, at + 4).join(" ")}`);
}

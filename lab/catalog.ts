/**
 * All attacks, in the order in which they are played and printed.
 *
 * @module
 */
import type { Attack } from "./attack.ts";
import { DOWNGRADES } from "./attacks/downgrades.ts";
import { ESCAPES } from "./attacks/escapes.ts";
import { IDENTITIES } from "./attacks/identities.ts";
import { INVITE_CODES } from "./attacks/invite_codes.ts";
import { MESSAGES } from "./attacks/messages.ts";
import { PAYLOADS } from "./attacks/payloads.ts";
import { SHARES } from "./attacks/shares.ts";
import { SIGNATURES } from "./attacks/signatures.ts";
import { TRANSCRIPTS } from "./attacks/transcripts.ts";

/** The chapters of the list, and the attacks of each. */
export const CHAPTERS: readonly (readonly [title: string, attacks: readonly Attack[]])[] = [
  ["authentication", [...IDENTITIES, ...INVITE_CODES]],
  ["signatures", SIGNATURES],
  ["the key exchange", SHARES],
  ["messages", MESSAGES],
  ["downgrades and versions", DOWNGRADES],
  ["implementation flaws", [...ESCAPES, ...PAYLOADS, ...TRANSCRIPTS]],
];

/** Every attack, chapter by chapter. */
export const ATTACKS: readonly Attack[] = CHAPTERS.flatMap(([, attacks]) => attacks);

/**
 * What must not happen, whatever dies.
 *
 * @module
 */

/** The kinds, and what each means. */
export const VIOLATIONS = {
  "lost": "was taken by its client, and never arrived",
  "twice": "was shown more than once",
  "out of order": "was shown before one that was said earlier, or was taken so",
  "altered": "is not what was said under this number",
  "invented": "was said by nobody, or was surely not taken",
  "false receipt": "was reported as delivered, and had not arrived",
  "file": "is not whole, is there twice, or left something behind",
  "stuck": "did not come to its end in time",
  "process": "ended by itself",
} as const satisfies Record<string, string>;

/** One of them. */
export type ViolationKind = keyof typeof VIOLATIONS;

/** Something that must not happen, and did. */
export interface Violation {
  /** What. */
  readonly kind: ViolationKind;
  /** One line about it. */
  readonly what: string;
}

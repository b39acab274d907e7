/**
 * The textbook's group: all numbers modulo a prime, and nobody asks for the order of anything.
 *
 * @module
 */
import { MODP_2048 } from "../../lib/crypto/groups.ts";

/** A prime and a base. */
export interface TextbookGroup {
  /** The prime. */
  readonly p: bigint;
  /** The base. */
  readonly g: bigint;
}

/** The original protocol's: RFC 3526, group 14. */
export const MODP: TextbookGroup = MODP_2048;

/**
 * 32 bits, a safe prime: what "export grade" was, and here also what 3072 bits are to a quantum computer. A discrete
 * logarithm takes a moment.
 */
export const TOY: TextbookGroup = { p: 4_294_967_087n, g: 2n };

/** The order of {@link TOY}'s base. */
export const TOY_ORDER = Number(TOY.p - 1n) / 2;

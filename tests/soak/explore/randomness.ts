/**
 * Randomness that depends on its process and purpose, and on nothing else, so that equal histories lead to
 * equal states, and so do different ones that ought to.
 *
 * Within one history no purpose comes twice, but where what was drawn for it had been thrown away: what is drawn
 * is fresh.
 */
import type { Random } from "../../../lib/crypto/random.ts";
import type { Session, SessionInput } from "../../../lib/protocol/session.ts";
import { randomFrom } from "../../helpers/session_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A source for one step, and how many draws of the handshake have been made after it. */
export interface Draws {
  /** The source. */
  readonly random: Random;
  /** To be asked after the step. */
  readonly made: () => number;
}

/**
 * What a process draws from in one step.
 *
 * @param process its name
 * @param made how many draws of the handshake it has made
 */
export function drawsFor(
  process: string,
  session: Session,
  input: SessionInput,
  made: number,
): Draws {
  // A handshake draws in one order, in whatever order its messages come: its draws are counted.
  if (session.channel === null) {
    const { random, draws } = randomFrom(`${process}: handshake`, made);
    return { random, made: draws };
  }
  const random = seededRandom(`${process}: ${purposeOf(session.channel, input)}`);
  return { random, made: () => made };
}

/** What a secure session draws for. */
function purposeOf(
  { own, peer, ratchet }: NonNullable<Session["channel"]>,
  input: SessionInput,
): string {
  switch (input.type) {
    case "say":
    case "finish":
      return `statement ${own.next}`;
    case "idle":
      return `receipt ${peer.next}`;
    // Only a step of the Diffie-Hellman ratchet draws, and it replaces our key.
    default:
      return `successor of ${ratchet.own.share.toHex()}`;
  }
}

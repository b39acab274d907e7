/**
 * The play of every hostile peer: a real client meets one who breaks one rule of the handshake. The control is the
 * same peer without the tampering.
 *
 * @module
 */
import type { Step } from "../../lib/protocol/session.ts";
import { mustHaveTaken, mustNot, type Refusal } from "../attack.ts";
import { element } from "../forge/elgamal.ts";
import { tamperShare } from "../forge/messages.ts";
import type { Lab } from "../harness/lab.ts";
import type { PartyOptions } from "../harness/party.ts";

/** A line that must never leave. */
const LINE = "a line that waits for a key";

/**
 * Plays it.
 *
 * @param options what the peer does instead, and its key
 * @param step how far the victim has to have come when it refuses
 */
export async function meetHostilePeer(
  lab: Lab,
  options: PartyOptions,
  step: Step,
): Promise<Refusal> {
  await lab.peerControl();
  const room = lab.room();
  const victim = await lab.client(room);
  victim.say(LINE);
  const peer = await lab.peer(room, options);
  await lab.until(() => victim.failure !== null || victim.facts !== null, "the victim decides");
  mustNot(victim.failure === null || peer.texts.length > 0, "the victim let the peer in");
  mustHaveTaken(victim, step);
  lab.narrate("the victim ends the session", { error: victim.failure!.message });
  return { code: victim.failure!.code, seen: "the victim ended the session and sent nothing" };
}

/** A peer whose Diffie-Hellman share is this number. It is signed as it should be. */
export function meetPeerWithShare(lab: Lab, share: bigint): Promise<Refusal> {
  lab.narrate("Mallory signs and sends this share", { share });
  const tamper = tamperShare(() => ({ share: element(share) }));
  return meetHostilePeer(lab, { tamper }, "share-sent");
}

/**
 * Plays against the handshake of `parley-1`.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import type { Step } from "../../lib/protocol/session.ts";
import { mustNot, type Refusal } from "../attack.ts";
import { element } from "../forge/elgamal.ts";
import { tamperShare } from "../forge/messages.ts";
import type { Lab } from "../harness/lab.ts";
import type { PartyOptions } from "../harness/party.ts";
import { changing, type Room } from "../harness/room.ts";

/** A line that must never leave. */
const LINE = "a line that waits for a key";

/**
 * A real client meets a peer who breaks one rule of the handshake. The control is the same peer without the tampering.
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
  await lab.decision(victim);
  mustNot(victim.failure === null || peer.texts.length > 0, "the victim let the peer in");
  const seen = "the victim ended the session and sent nothing";
  return lab.refusal(victim, step, "the victim ends the session", seen);
}

/** A peer whose Diffie-Hellman share is this number. It is signed as it should be. */
export function meetPeerWithShare(lab: Lab, share: bigint): Promise<Refusal> {
  lab.narrate("Mallory signs and sends this share", { share });
  const tamper = tamperShare(() => ({ share: element(share) }));
  return meetHostilePeer(lab, { tamper }, "share-sent");
}

/** What a relay makes of a message of Alice's. */
type Change = (payload: Bytes, room: Room) => Uint8Array | string | Promise<Uint8Array>;

/** A relay rewrites one message of Alice's on its way to Bob, and leaves all else alone; `step`: as above, for Bob. */
async function swap(lab: Lab, event: string, change: Change, step: Step): Promise<Refusal> {
  await lab.control();
  const room = lab.room(changing(event, (payload) => change(payload, room), "alice"));
  const [alice, bob] = await lab.clients(room);
  alice.say(LINE);
  bob.say(LINE);
  await lab.decision(bob);
  mustNot(bob.failure === null || alice.facts !== null, "the two went on");
  const seen = "Bob ended the session, and neither sent anything";
  return lab.refusal(bob, step, "Bob ends the session", seen);
}

/** Another hello than Alice's. */
export function swapHello(
  lab: Lab,
  change: (hello: Bytes) => Uint8Array | string,
  step: Step,
): Promise<Refusal> {
  return swap(lab, "ELGAMAL_PK_BC", (hello) => {
    const becomes = change(hello);
    lab.narrate("on its way to Bob", { "Alice's hello": hello, becomes });
    return becomes;
  }, step);
}

/** Another share than Alice's, with a signature that solves the equation. */
export function swapShare(lab: Lab, change: Change): Promise<Refusal> {
  return swap(lab, "DEFF_HELLMAN_PK_BC", change, "share-sent");
}

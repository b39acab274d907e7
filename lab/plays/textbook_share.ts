/**
 * A textbook peer whose Diffie-Hellman share is no honest power of g.
 *
 * @module
 */
import type { Port } from "../harness/connection.ts";
import type { Lab } from "../harness/lab.ts";
import type { Room } from "../harness/room.ts";
import { keyOf, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";

/** A client with a chosen share. */
class ChosenShareClient extends TextbookClient {
  constructor(port: Port, readonly chosen: bigint) {
    super(port);
  }

  override get share(): bigint {
    return this.chosen;
  }
}

/** What Alice says to the peer. */
export const CONFESSION = "the key is under the third stone";

/** Alice meets the peer and says something. */
export async function meetTextbookPeer(
  lab: Lab,
  share: bigint,
): Promise<{ alice: TextbookClient; mallory: ChosenShareClient; room: Room }> {
  const room = lab.room();
  const alice = await lab.textbook(room, TextbookClient);
  const mallory = await lab.textbook(room, ChosenShareClient, share);
  alice.say(CONFESSION);
  await lab.until(() => recorded(room) !== undefined || alice.refused.length > 0, "Alice speaks");
  return { alice, mallory, room };
}

/** The first message of Alice that crossed the relay. */
function recorded(room: Room): string | undefined {
  return room.sentTexts("alice", "received_message")[0];
}

/** What an eavesdropper reads with nothing but the recording and a guess at the secret. */
export function readWith(room: Room, secret: bigint): string {
  return unseal(keyOf(secret), JSON.parse(recorded(room)!));
}

import { type Attack, mustHaveTaken, mustHold, mustNot } from "../attack.ts";
import type { Meddle } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "are you really Bob?";

const mirror: Meddle = (parcel) => [{ ...parcel, to: parcel.from }];

/** A mirror in the place of the other side. */
export const handshakeReflection: Attack = {
  name: "handshake-reflection",
  family: "authentication",
  idea:
    "Nobody is there: the relay sends Alice her own keys, and her signature holds, for it is hers.",
  formula: "y_peer = y, g^b = g^a: the secret is g^(a^2), and Alice talks to herself",
  check: "our own identity is no peer",
  defence: "our own identity is no peer's",
  code: "reflection",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room(mirror);
    const alice = await lab.textbook(room, (port) => new TextbookClient(port));
    alice.say(LINE);
    room.begin("alice");
    await lab.until(() => alice.shown.length > 0, "Alice reads");
    lab.narrate("Alice has verified her own signature", {
      "her key": alice.elgamal.y,
      "what she takes for Bob's": alice.peerKey!,
      "she reads": alice.shown[0]!,
    });
    mustHold(alice.peerKey === alice.elgamal.y && alice.shown[0] === LINE, "she reads herself");
    return `Alice read "${LINE}" as if Bob had said it; nobody was there`;
  },

  async parley(lab) {
    await lab.control();
    const room = lab.room(mirror);
    const alice = await lab.client(room);
    alice.say(LINE);
    room.begin("alice");
    await lab.until(() => alice.failure !== null || alice.facts !== null, "Alice decides");
    mustNot(alice.failure === null, "Alice agreed with herself");
    mustHaveTaken(alice, "identity-sent");
    lab.narrate("Alice sees her own hello", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "Alice ended the session and sent nothing" };
  },
};

import { createHmac } from "node:crypto";
import { type Attack, mustHold } from "../attack.ts";
import { flip } from "../forge/envelope.ts";
import { alterMessage } from "../plays/alter_message.ts";
import { seal, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "the account ends in 1";
const CHANGED = "the account ends in 9";

/** A textbook with a MAC, which it checks if there is one: older clients send none. */
class ObligingClient extends TextbookClient {
  #mac(message: string, iv: string): string {
    return createHmac("sha256", this.key!).update(`${iv} ${message}`).digest("base64");
  }

  protected override sendMessage(text: string): void {
    const { message, iv } = seal(this.key!, this.random(16), text);
    this.port.emit("message", JSON.stringify({ message, iv, mac: this.#mac(message, iv) }));
  }

  protected override receiveMessage(payload: string): void {
    const { message, iv, mac } = JSON.parse(payload);
    if (mac !== undefined && mac !== this.#mac(message, iv)) {
      return void this.refused.push("the MAC is wrong");
    }
    this.shown.push(unseal(this.key!, { message, iv }));
  }
}

/** A message without its MAC. */
export const strippedMac: Attack = {
  name: "stripped-mac",
  family: "messages",
  idea:
    "A MAC that is checked if it is there is no check: the relay leaves it out and changes the text.",
  formula: "{message, iv, mac} -> {message xor d, iv}",
  check: "no tag, no message",
  defence: "a box without a valid tag is none",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new ObligingClient(port));
    room.meddle = (parcel) => {
      const { message, iv, mac } = JSON.parse(String(parcel.payload));
      const changed = flip(Uint8Array.fromBase64(message), -1, 0x08).toBase64();
      lab.narrate("the relay changes a byte, once with the MAC and once without", { mac });
      const parcelOf = (fields: unknown) => ({ ...parcel, payload: JSON.stringify(fields) });
      return [parcelOf({ message: changed, iv, mac }), parcelOf({ message: changed, iv })];
    };
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("Bob's program", { refuses: bob.refused.join(), reads: bob.shown[0]! });
    mustHold(bob.refused.length === 1, "with the MAC the change is refused");
    mustHold(bob.shown[0] === CHANGED, "without it the change is read");
    return `refused with its MAC; without it Bob read "${CHANGED}"`;
  },

  parley: (lab) => alterMessage(lab, (parts) => ({ ...parts, tag: new Uint8Array() })),
};

import { type Attack, mustHold } from "../attack.ts";
import { alterMessage } from "../plays/alter_message.ts";
import { seal, type Sealed, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";

const MAX = 0xffff_ffff;

/** A textbook with numbered messages: what is not above the last number is a repetition. */
class CountingClient extends TextbookClient {
  #own = 0;
  #last = -1;

  protected override sendMessage(text: string): void {
    const sealed = seal(this.key!, this.random(16), text);
    this.port.emit("message", JSON.stringify({ number: this.#own++, ...sealed }));
  }

  protected override receiveMessage(payload: string): void {
    const { number, ...sealed } = JSON.parse(payload) as Sealed & { number: number };
    if (number <= this.#last) return void this.refused.push(`number ${number} is a repetition`);
    this.#last = number;
    this.shown.push(unseal(this.key!, sealed));
  }
}

/** The largest number that a counter can hold. */
export const counterOverflow: Attack = {
  name: "counter-overflow",
  family: "messages",
  idea: "Numbers stand beside the ciphertext, unauthenticated: the relay writes 2^32 - 1 into one.",
  formula: "last = 2^32 - 1, and n <= last for every n that will ever come",
  check: "the number is authenticated",
  defence: "the number is authenticated; at most 1000 may be skipped",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new CountingClient(port));
    room.meddle = (parcel) => {
      room.meddle = (parcel) => [parcel];
      const fields = JSON.parse(String(parcel.payload));
      return [{ ...parcel, payload: JSON.stringify({ ...fields, number: MAX }) }];
    };
    const lines = ["one", "two", "three"];
    for (const line of lines) alice.say(line);
    await lab.until(() => bob.shown.length + bob.refused.length === 3, "three have come");
    lab.narrate("the relay changes one number, and hands on the rest as it is", {
      "Bob reads": bob.shown.join(),
      "Bob refuses": bob.refused.join(", "),
    });
    mustHold(bob.shown.join() === "one" && bob.refused.length === 2, "Bob is deaf from there on");
    return "after one changed number Bob took every real message for a repetition";
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => {
      const header = Uint8Array.from(parts.header);
      header.fill(0xff, -4);
      return { ...parts, header };
    }),
};

import { type Attack, mustHold } from "../attack.ts";
import { flip } from "../forge/envelope.ts";
import { alterMessage } from "../plays/alter_message.ts";
import { seal, type Sealed, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";

const LINE = "I have paid today";
const [SAID, SHOWN] = ["2 June", "31 May"];

/** Where the length of the sender's previous chain stands in a header; its last byte. */
const PREVIOUS_LENGTH = 396;

/** A textbook with a date on each message, beside the ciphertext. */
class DatingClient extends TextbookClient {
  protected override sendMessage(text: string): void {
    const sealed = seal(this.key!, this.random(16), text);
    this.port.emit("message", JSON.stringify({ date: SAID, ...sealed }));
  }

  protected override receiveMessage(payload: string): void {
    const { date, ...sealed } = JSON.parse(payload) as Sealed & { date: string };
    this.shown.push(`${date}: ${unseal(this.key!, sealed)}`);
  }
}

/** What stands beside a ciphertext. */
export const headerChange: Attack = {
  name: "header-change",
  family: "messages",
  idea: "The date stands beside the ciphertext, as a header does: the relay writes an earlier one.",
  formula: "{date, message, iv} -> {date', message, iv}",
  check: "the header is authenticated",
  defence: "the MAC covers the session, the whole header, IV and ciphertext; the time is inside",
  code: "bad-message",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new DatingClient(port));
    room.meddle = (parcel) => {
      const fields = { ...JSON.parse(String(parcel.payload)), date: SHOWN };
      return [{ ...parcel, payload: JSON.stringify(fields) }];
    };
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("the relay changes nothing but the date", {
      said: SAID,
      "Bob reads": bob.shown[0]!,
    });
    mustHold(bob.shown[0] === `${SHOWN}: ${LINE}`, "Bob reads another date");
    return `on ${SAID} Alice said it, and Bob read "${bob.shown[0]}"`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({ ...parts, header: flip(parts.header, PREVIOUS_LENGTH) })),
};

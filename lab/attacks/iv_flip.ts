import { type Attack, mustHold } from "../attack.ts";
import { flip } from "../forge/envelope.ts";
import { alterMessage, STOPPED_BY_MAC } from "../plays/alter_message.ts";
import { changeTextbookMessage } from "../plays/textbook_messages.ts";

const LINE = "not today: attack tomorrow";

/** How much of the line a changed fourth byte of the IV takes with it: bytes 0 to 3. */
const SPOILED = 4;

/** A changed IV. */
export const ivFlip: Attack = {
  name: "iv-flip",
  ...STOPPED_BY_MAC,
  idea:
    "A bit turned over in the IV spoils the first bytes only: the relay blots out how a line begins.",
  formula:
    "byte i of the text depends on IV[i..15] and the ciphertext before it: IV[3] on bytes 0 to 3",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, LINE, ({ iv, ciphertext }) => ({
      iv: flip(iv, SPOILED - 1),
      ciphertext,
    }));
    const rest = LINE.slice(SPOILED);
    mustHold(text !== LINE && text.endsWith(rest), "the beginning is gone, the rest stands");
    return `"not " became noise, and Bob read on: "${rest}"`;
  },

  parley: (lab) => alterMessage(lab, (parts) => ({ ...parts, iv: flip(parts.iv, 3) })),
};

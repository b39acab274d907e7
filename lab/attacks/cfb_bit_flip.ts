import { type Attack, mustHold } from "../attack.ts";
import { flip } from "../forge/envelope.ts";
import { alterMessage, STOPPED_BY_MAC } from "../plays/alter_message.ts";
import { changeTextbookMessage } from "../plays/textbook_messages.ts";

const LINE = "the answer of the board is N";
const CHANGED = "the answer of the board is Y";

/** One bit pattern into the last byte. */
export const cfbBitFlip: Attack = {
  name: "cfb-bit-flip",
  ...STOPPED_BY_MAC,
  idea: "A bit turned over in CFB's last byte turns over in the text: N becomes Y, with no key.",
  formula: "P = C xor E(K, …), so C xor d decrypts to P xor d; N xor Y = 0x17",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, LINE, ({ iv, ciphertext }) => ({
      iv,
      ciphertext: flip(ciphertext, -1, 0x17),
    }));
    mustHold(text === CHANGED, "the answer is turned over");
    return `Alice said N, and Bob read "${text}"`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({ ...parts, ciphertext: flip(parts.ciphertext, 900) })),
};

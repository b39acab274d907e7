import { concatBytes } from "../../lib/crypto/bytes.ts";
import { type Attack, mustHold } from "../attack.ts";
import { alterMessage, STOPPED_BY_MAC } from "../plays/alter_message.ts";
import { changeTextbookMessage } from "../plays/textbook_messages.ts";

const CUT = "Do not ";
const LINE = `${CUT}open the gate`;
const BLOCK = 16;

/** A message without its beginning. */
export const prefixCut: Attack = {
  name: "prefix-cut",
  ...STOPPED_BY_MAC,
  idea:
    "The IV is only the ciphertext before the first byte: moved on, it cuts off how a line begins.",
  formula: "IV' = (IV || C)[n..n+16), C' = C[n..) decrypts to P[n..)",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, LINE, ({ iv, ciphertext }) => {
      const stream = concatBytes(iv, ciphertext).slice(CUT.length);
      return { iv: stream.slice(0, BLOCK), ciphertext: stream.slice(BLOCK) };
    });
    mustHold(text === "open the gate", "the first words are gone");
    return `Alice said "${LINE}", and Bob read "${text}"`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({
      ...parts,
      iv: parts.ciphertext.slice(0, BLOCK),
      ciphertext: parts.ciphertext.slice(BLOCK),
    })),
};

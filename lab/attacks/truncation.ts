import { type Attack, mustHold } from "../attack.ts";
import { alterMessage, STOPPED_BY_MAC } from "../plays/alter_message.ts";
import { changeTextbookMessage } from "../plays/textbook_messages.ts";

const KEPT = "I sell you the house";
const LINE = `${KEPT} if you pay a million for it`;

/** A message without its end. */
export const truncation: Attack = {
  name: "truncation",
  ...STOPPED_BY_MAC,
  idea:
    "CFB decrypts byte by byte: the relay cuts off the end, and what is left is a whole message.",
  formula: "C[0..n) decrypts to P[0..n)",

  async textbook(lab) {
    const text = await changeTextbookMessage(lab, LINE, ({ iv, ciphertext }) => ({
      iv,
      ciphertext: ciphertext.slice(0, KEPT.length),
    }));
    mustHold(text === KEPT, "the condition is gone");
    return `Bob read "${text}", and no condition`;
  },

  parley: (lab) =>
    alterMessage(lab, (parts) => ({ ...parts, ciphertext: parts.ciphertext.slice(0, -16) })),
};

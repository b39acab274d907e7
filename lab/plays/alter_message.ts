/**
 * The play that most attacks on messages share: Alice says a line, and the relay hands on something made of it first,
 * and then the line itself. Bob has to refuse the one and to read the other.
 *
 * @module
 */
import { mustNot, mustReach, type Refusal } from "../attack.ts";
import { cut, join, type Parts } from "../forge/envelope.ts";
import type { Lab } from "../harness/lab.ts";
import type { Shown } from "../numbers.ts";

/** What attacks have in common that the MAC stops, and nothing else. */
export const STOPPED_BY_MAC = {
  family: "messages",
  check: "MAC before decryption",
  defence: "a MAC over header, IV and ciphertext, checked before decryption",
  code: "bad-message",
  answer: "refused",
} as const;

/** What Alice says. */
const LINE = "I pay 1000 euros, if the goods arrive.";

/**
 * Plays it.
 *
 * @param change what the relay makes of the message
 */
export function alterMessage(lab: Lab, change: (parts: Parts) => Parts): Promise<Refusal> {
  return lab.withPair(async ({ alice, bob, room }) => {
    let isAltered = false;
    room.meddle = (parcel) => {
      if (isAltered || parcel.from !== "alice") return [parcel];
      isAltered = true;
      const parts = cut(parcel.payload as Uint8Array);
      const changed = change(parts);
      lab.narrate(
        "the relay hands on a changed message, then the line itself",
        differences(parts, changed),
      );
      return [{ ...parcel, payload: join(changed) }, parcel];
    };
    alice.say(LINE);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads the line");
    mustReach(isAltered, "the relay had a message to change");
    const [refusal, ...more] = bob.all("refused");
    mustNot(bob.texts.length !== 1 || bob.texts[0] !== LINE, `Bob read ${bob.texts}`);
    mustNot(refusal === undefined, "Bob took the changed message without a word");
    mustReach(more.length === 0, "one message is refused");
    lab.narrate("Bob", { refuses: refusal!.error.message, reads: bob.texts[0]! });
    return {
      code: refusal!.error.code,
      seen: "Bob refused the changed message and read the line",
    };
  });
}

/** What is not as it was, both ways; bytes in the middle of a long part are shown where they are. */
function differences(parts: Parts, changed: Parts): Record<string, Shown> {
  const shown: Record<string, Shown> = {};
  for (const name of ["header", "iv", "ciphertext", "tag"] as const) {
    const [before, after] = [parts[name], changed[name]];
    if (before.toHex() === after.toHex()) continue;
    shown[name] = before;
    shown[`${name}'`] = after;
    const at = before.findIndex((byte, i) => byte !== after[i]);
    if (before.length === after.length) shown[`first difference in ${name}, byte`] = at;
  }
  return shown;
}

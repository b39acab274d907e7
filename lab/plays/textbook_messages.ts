/**
 * The play that most textbook attacks on messages share: two clients with a key, and a relay that changes what one
 * of them says.
 *
 * @module
 */
import type { Lab } from "../harness/lab.ts";
import type { Sealed } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";

/** Ciphertext and IV, as bytes. */
export interface Opened {
  /** The IV, 16 bytes. */
  readonly iv: Uint8Array;
  /** As long as the text. */
  readonly ciphertext: Uint8Array;
}

/**
 * Alice says a line, the relay changes it, Bob reads.
 *
 * @returns what Bob has read
 */
export async function changeTextbookMessage(
  lab: Lab,
  line: string,
  change: (opened: Opened) => Opened,
): Promise<string> {
  const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
  room.meddle = (parcel) => {
    const fields: Sealed = JSON.parse(String(parcel.payload));
    const opened = {
      iv: Uint8Array.fromBase64(fields.iv),
      ciphertext: Uint8Array.fromBase64(fields.message),
    };
    const changed = change(opened);
    lab.narrate("on its way to Bob", {
      IV: opened.iv,
      "IV'": changed.iv,
      C: opened.ciphertext,
      "C'": changed.ciphertext,
    });
    const payload = { message: changed.ciphertext.toBase64(), iv: changed.iv.toBase64() };
    return [{ ...parcel, payload: JSON.stringify(payload) }];
  };
  alice.say(line);
  await lab.until(() => bob.shown.length > 0, "Bob reads");
  lab.narrate("no check fails, for there is none", {
    "Alice said": line,
    "Bob reads": JSON.stringify(bob.shown[0]!),
  });
  return bob.shown[0]!;
}

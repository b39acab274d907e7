/**
 * The textbook with signed messages: SHA-1 of the plaintext, signed, beside the ciphertext. A signature that was seen
 * before is taken for a repetition.
 *
 * @module
 */
import { seal, type Sealed, unseal } from "./cipher.ts";
import { TextbookClient } from "./client.ts";
import type { Signature } from "./elgamal.ts";
import { parseJson, writeJson } from "./json.ts";

/** A client that signs what it says, and reads only what is signed. */
export class SignedClient extends TextbookClient {
  /** The signatures of what its user has read, in order. */
  readonly signatures: Signature[] = [];
  readonly #seen = new Set<string>();

  protected override sendMessage(text: string): void {
    const { r, s } = this.sign(text);
    const sealed = seal(this.key!, this.random(16), text);
    this.port.emit("message", writeJson({ ...sealed, s1: r, s2: s }));
  }

  protected override receiveMessage(payload: string): void {
    const { message, iv, s1: r, s2: s } = parseJson(payload);
    const text = unseal(this.key!, { message, iv } as Sealed);
    if (!this.verify(text, { r, s })) return void this.refused.push("a signature does not verify");
    if (this.#seen.has(`${r} ${s}`)) return void this.refused.push("a repetition");
    this.#seen.add(`${r} ${s}`);
    this.signatures.push({ r, s });
    this.shown.push(text);
  }
}

/**
 * The textbook with signed messages: SHA-1 of the plaintext, signed, beside the ciphertext. A signature that was seen
 * before is taken for a repetition.
 *
 * @module
 */
import { TextbookClient } from "./client.ts";
import { asFields, type Signature } from "./elgamal.ts";
import type { Json } from "./json.ts";

/** A client that signs what it says, and reads only what is signed. */
export class SignedClient extends TextbookClient {
  /** The signatures of what its user has read, in order. */
  readonly signatures: Signature[] = [];
  readonly #seen = new Set<string>();

  protected override sendMessage(text: string): void {
    super.sendMessage(text, asFields(this.sign(text)));
  }

  protected override receiveMessage(fields: Json): void {
    const { s1: r, s2: s } = fields;
    if (!this.verify(this.open(fields), { r, s })) return void this.refused.push("a bad signature");
    if (this.#seen.has(`${r} ${s}`)) return void this.refused.push("a repetition");
    this.#seen.add(`${r} ${s}`);
    this.signatures.push({ r, s });
    super.receiveMessage(fields);
  }
}

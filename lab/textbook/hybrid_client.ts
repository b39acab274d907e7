/**
 * The textbook with a post-quantum half: ML-KEM beside Diffie-Hellman, if both want it. Diffie-Hellman runs in a group
 * of 32 bits here, which a hundred thousand multiplications break: that is what any group is to a quantum
 * computer, and so the other half has to hold.
 *
 * @module
 */
import { type KemKeyPair, mlKem768 } from "../../lib/crypto/kem.ts";
import type { Port } from "../harness/connection.ts";
import { keyOf } from "./cipher.ts";
import { TextbookClient } from "./client.ts";
import { TOY } from "./group.ts";
import { parseJson, writeJson } from "./json.ts";

/** A client that likes ML-KEM and does without. */
export class HybridClient extends TextbookClient {
  #pair: KemKeyPair | null = null;
  #sent: { ciphertext: Uint8Array; secret: Uint8Array } | null = null;

  /** A client in the small group. */
  constructor(port: Port) {
    super(port, { group: TOY });
  }

  /** Whether ML-KEM is part of the key. */
  get isHybrid(): boolean {
    return this.#sent !== null;
  }

  protected override async sendKey(): Promise<void> {
    this.#pair = await mlKem768.generate();
    const kemKey = this.#pair.publicKey.toBase64();
    const hello = { y: this.elgamal.y, kems: ["ML-KEM-768", "none"], kemKey };
    this.port.emit("ELGAMAL_PK", writeJson(hello));
  }

  protected override async receiveKey(payload: string): Promise<void> {
    const { y, kems, kemKey } = parseJson(payload);
    this.peerKey = y;
    if (kems.includes("ML-KEM-768") && kemKey !== undefined) {
      this.#sent = await mlKem768.encapsulate(Uint8Array.fromBase64(kemKey));
    }
    return this.sendShare();
  }

  protected override sendShare(): void {
    const { r, s } = this.sign(String(this.share));
    const share = { deff_public_key: this.share, s1: r, s2: s };
    const kemCiphertext = this.#sent?.ciphertext.toBase64();
    const fields = kemCiphertext === undefined ? share : { ...share, kemCiphertext };
    this.port.emit("DEFF_HELLMAN_PK", writeJson(fields));
  }

  protected override async receiveShare(payload: string): Promise<void> {
    const { deff_public_key: share, s1: r, s2: s, kemCiphertext } = parseJson(payload);
    if (!this.verify(String(share), { r, s })) return void this.refused.push("a bad signature");
    this.peerShare = share;
    const received = kemCiphertext === undefined
      ? null
      : await this.#pair!.decapsulate(Uint8Array.fromBase64(kemCiphertext));
    const secrets = hybridSecrets(this.elgamal.y, this.peerKey!, this.#sent?.secret, received);
    this.key = keyOf(this.secretWith(share), ...secrets);
    this.flush();
  }
}

/** Both ML-KEM secrets, that of the side with the smaller key first; none where one is missing. */
export function hybridSecrets(
  own: bigint,
  peer: bigint,
  sent: Uint8Array | undefined,
  received: Uint8Array | null,
): Uint8Array[] {
  if (sent === undefined || received === null) return [];
  return own < peer ? [sent, received] : [received, sent];
}

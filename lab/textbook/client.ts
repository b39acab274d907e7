/**
 * A client of the protocol as a textbook describes it, and as its first implementations were written: the seven steps,
 * all of them correct, and not one check beside the signature equation. Attacks that need another mistake bring a
 * subclass with just that one.
 *
 * @module
 */
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { type Random, randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import type { Port } from "../harness/connection.ts";
import { keyOf, seal, unseal } from "./cipher.ts";
import {
  digest,
  drawNonce,
  generateKey,
  type KeyPair,
  sign,
  type Signature,
  verify,
} from "./elgamal.ts";
import { MODP, type TextbookGroup } from "./group.ts";
import { parseJson, writeJson } from "./json.ts";

/** How one textbook client differs from another. */
export interface TextbookOptions {
  /** The group; the original protocol's unless an attack needs another. */
  readonly group?: TextbookGroup;
  /** Draws a nonce for a signature. */
  readonly nonce?: () => bigint;
  /** Everything else that is random. */
  readonly random?: Random;
}

/** One end of a textbook conversation. Every secret is there to see, so that a play can compare. */
export class TextbookClient {
  /** What its user has read, in order. */
  readonly shown: string[] = [];
  /** What it refused; the textbook has one check. */
  readonly refused: string[] = [];
  /** The way to the relay. */
  readonly port: Port;
  /** All numbers are modulo its prime. */
  group: TextbookGroup;
  /** Step 1. The keys live as long as the program does. */
  elgamal: KeyPair;
  /** Step 1, the exponent of the Diffie-Hellman key. */
  exponent: bigint;
  /** Step 3: the other's ElGamal key. */
  peerKey: bigint | null = null;
  /** Step 4: the other's Diffie-Hellman key. */
  peerShare: bigint | null = null;
  /** Step 6: what messages are encrypted under. */
  key: Bytes | null = null;
  /** What ended the program, if anything did. */
  crashed: unknown = null;
  /** Lines that wait for a key. */
  protected queue: string[] = [];
  /** Everything that is random. */
  protected readonly random: Random;
  readonly #nonce: () => bigint;

  /** A client with fresh keys. */
  constructor(port: Port, options: TextbookOptions = {}) {
    this.port = port;
    this.random = options.random ?? systemRandom;
    this.group = options.group ?? MODP;
    this.#nonce = options.nonce ?? (() => drawNonce(this.group, this.random));
    this.elgamal = generateKey(this.group, this.random);
    this.exponent = randomNonZeroBelow(this.group.p - 1n, this.random);
  }

  /** The public half of the Diffie-Hellman key: g^exponent mod p. */
  get share(): bigint {
    return modPow(this.group.g, this.exponent, this.group.p);
  }

  /** Takes what the relay delivers. An exception ends a program that nobody wrote a handler for. */
  async hear(event: string, payload: unknown): Promise<void> {
    if (this.crashed !== null) return;
    try {
      await this.take(event, payload);
    } catch (error) {
      this.crashed = error;
    }
  }

  /** One event. */
  protected take(event: string, payload: unknown): void | Promise<void> {
    switch (event) {
      case "KEY_EXCHANGE":
        return this.sendKey();
      case "ELGAMAL_PK_BC":
        return this.receiveKey(String(payload));
      case "DEFF_HELLMAN_PK_BC":
        return this.receiveShare(String(payload));
      case "received_message":
        return this.receiveMessage(String(payload));
      case "PEER_LEFT":
        return void this.shown.push("- the other side has left");
    }
  }

  /** Step 3, out. */
  protected sendKey(): void | Promise<void> {
    this.port.emit("ELGAMAL_PK", String(this.elgamal.y));
  }

  /** Step 3, in; and step 4, out. */
  protected receiveKey(payload: string): void | Promise<void> {
    this.peerKey = BigInt(payload);
    return this.sendShare();
  }

  /** Step 4, out: the share and its signature. */
  protected sendShare(): void | Promise<void> {
    const { r, s } = this.sign(String(this.share));
    const payload = writeJson({ deff_public_key: this.share, s1: r, s2: s });
    this.port.emit("DEFF_HELLMAN_PK", payload);
  }

  /** Step 4, in; 5 and 6. */
  protected receiveShare(payload: string): void | Promise<void> {
    const { deff_public_key: share, s1: r, s2: s } = parseJson(payload);
    if (!this.verify(String(share), { r, s })) {
      this.refused.push("the signature does not verify");
      return;
    }
    this.agreeOn(share);
  }

  /** Step 6, and what has waited for it. */
  protected agreeOn(share: bigint): void {
    this.peerShare = share;
    this.key = keyOf(this.secretWith(share));
    this.flush();
  }

  /** The shared secret: share^exponent mod p. */
  protected secretWith(share: bigint): bigint {
    return modPow(share, this.exponent, this.group.p);
  }

  /** Sends what has waited. */
  protected flush(): void {
    const texts = this.queue;
    this.queue = [];
    for (const text of texts) this.sendMessage(text);
  }

  /** Says a line; it waits until there is a key. */
  say(text: string): void {
    if (this.key === null) this.queue.push(text);
    else this.sendMessage(text);
  }

  /** Step 7, out. */
  protected sendMessage(text: string): void {
    this.port.emit("message", JSON.stringify(seal(this.key!, this.random(16), text)));
  }

  /** Step 7, in. */
  protected receiveMessage(payload: string): void | Promise<void> {
    this.shown.push(unseal(this.key!, JSON.parse(payload)));
  }

  /** Signs SHA-1 of a text, whatever the text is for. */
  sign(text: string): Signature {
    return sign(this.group, this.elgamal.x, digest(text), this.#nonce());
  }

  /** Step 5. */
  protected verify(text: string, signature: Signature): boolean {
    return verify(this.group, this.peerKey!, digest(text), signature);
  }
}

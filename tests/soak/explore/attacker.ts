/**
 * What an attacker makes of messages: of one, a change of each field and of its form; of two of a kind, one with
 * a field of the other; and with a key of its own, hellos and shares that are signed as they should be. A field
 * that is an element of the group becomes another element, so that the change is not found before it could matter.
 */
import { BLOCK_BYTES } from "../../../lib/crypto/aes_cfb.ts";
import type { Bytes } from "../../../lib/crypto/bytes.ts";
import { parseShare } from "../../../lib/crypto/diffie_hellman.ts";
import type { SigningKey } from "../../../lib/crypto/elgamal.ts";
import { GROUP, parseShareMessage } from "../../../lib/protocol/wire.ts";
import type { PeerEvent } from "../../../lib/relay/wire_events.ts";
import { flipBit, LAYOUT, type MessageName, offsetOf, overwrite } from "../../helpers/mutants.ts";
import { signShare } from "../../protocol/recording.ts";
import type { Message, Messages } from "./messages.ts";

/** One way to change a message: what a trace says of it, and other bytes of some. */
type Change = readonly [name: string, change: (bytes: Bytes) => Bytes];

const NAME_OF: Readonly<Record<PeerEvent, MessageName>> = {
  ELGAMAL_PK_BC: "hello",
  DEFF_HELLMAN_PK_BC: "share",
  SECURE_BC: "confirmation",
  received_message: "message",
};

/** Another event, as which a message may be handed over. */
const MISTAKEN: Readonly<Record<PeerEvent, PeerEvent>> = {
  ELGAMAL_PK_BC: "DEFF_HELLMAN_PK_BC",
  DEFF_HELLMAN_PK_BC: "SECURE_BC",
  SECURE_BC: "received_message",
  received_message: "ELGAMAL_PK_BC",
};

/** The fields that are worth moving into another message of their kind. */
const MOVABLE: Readonly<Record<MessageName, readonly string[]>> = {
  hello: ["nonce", "kemKey"],
  share: ["share", "kemCiphertext", "signature"],
  confirmation: [],
  message: ["header", "box"],
};

const SHORTER: Change = ["without its last byte", (bytes) => bytes.slice(0, -1)];

const CHANGES: Readonly<Record<MessageName, readonly Change[]>> = {
  hello: [
    ["asking for deniability", (bytes) => flipBit(bytes, at("hello", "modes"), 0)],
    ["asking for a code", (bytes) => flipBit(bytes, at("hello", "modes"), 1)],
    ["with another nonce", (bytes) => flipBit(bytes, at("hello", "nonce"))],
    ["with another identity", (bytes) => otherElement(bytes, at("hello", "identity"))],
    ["with another KEM key", (bytes) => flipBit(bytes, at("hello", "kemKey"))],
    SHORTER,
  ],
  share: [
    ["with another share", (bytes) => otherElement(bytes, at("share", "share"))],
    ["with another KEM ciphertext", (bytes) => flipBit(bytes, at("share", "kemCiphertext"))],
    ["with another r", (bytes) => otherElement(bytes, at("share", "signature"))],
    ["with another s", (bytes) => flipBit(bytes, bytes.length - 1)],
    SHORTER,
  ],
  confirmation: [...changesOfBox("confirmation"), SHORTER],
  message: [
    ["with another outer tag", (bytes) => flipBit(bytes, at("message", "tag"))],
    ["with another header IV", (bytes) => flipBit(bytes, at("message", "headerIv"))],
    ["with another number", (bytes) => flipBit(bytes, at("message", "header") + 7)],
    ...changesOfBox("message"),
    SHORTER,
  ],
};

function at(message: MessageName, field: string): number {
  return offsetOf(LAYOUT[message], field);
}

function changesOfBox(message: "confirmation" | "message"): Change[] {
  const box = at(message, "box");
  return [
    ["with another IV", (bytes) => flipBit(bytes, box)],
    ["with another ciphertext", (bytes) => flipBit(bytes, box + BLOCK_BYTES)],
    ["with another tag", (bytes) => flipBit(bytes, bytes.length - 1)],
  ];
}

/** Flips the lowest bit that makes another element of the element that begins at `offset`: each second does. */
function otherElement(bytes: Bytes, offset: number): Bytes {
  const end = offset + GROUP.elementBytes;
  for (let bit = 0; bit < 8 * GROUP.elementBytes; bit++) {
    const changed = flipBit(bytes, end - 1 - Math.floor(bit / 8), bit % 8);
    if (parseShare(GROUP, changed.slice(offset, end)) !== null) return changed;
  }
  throw new RangeError("Cannot find another element one bit away");
}

/** What a network can make of the messages it hands on. What was made once is found again. */
export class Attacker {
  readonly #messages: Messages;
  readonly #insider: SigningKey | null;
  /** By what was sent. */
  readonly #made = new Map<string, Promise<readonly number[]>>();
  /** Signing takes time: by share and hellos. */
  readonly #signed = new Map<string, Promise<number>>();

  /**
   * An attacker who puts what it makes among these messages.
   *
   * @param insider a key of its own, with which it signs what it likes
   */
  constructor(messages: Messages, insider: SigningKey | null = null) {
    this.#messages = messages;
    this.#insider = insider;
  }

  /** The numbers of all that can be made of messages that were sent, given by their numbers. */
  madeOf(sent: readonly number[]): Promise<readonly number[]> {
    const key = sent.join();
    let made = this.#made.get(key);
    if (made === undefined) this.#made.set(key, made = this.#make(sent));
    return made;
  }

  async #make(sent: readonly number[]): Promise<number[]> {
    const all = sent.map((number) => this.#messages.at(number));
    const changed = all.flatMap((one) => this.#change(one));
    const mixed = all.flatMap((one) => all.flatMap((other) => this.#mix(one, other)));
    const insider = this.#insider;
    return [...changed, ...mixed, ...insider === null ? [] : await this.#forge(all, insider)];
  }

  /** One message, changed in each way. */
  #change({ event, bytes, label }: Message): number[] {
    const changed = CHANGES[NAME_OF[event]].map(([name, change]) =>
      this.#messages.numberOf(event, change(bytes), `${label} ${name}`)
    );
    const as = MISTAKEN[event];
    const mistaken = this.#messages.numberOf(as, bytes, `${label} as a ${NAME_OF[as]}`);
    return [...changed, mistaken];
  }

  /** One message, with a field of another of its kind. */
  #mix(target: Message, source: Message): number[] {
    if (target === source || target.event !== source.event) return [];
    const name = NAME_OF[target.event];
    return MOVABLE[name].map((field) => {
      const from = at(name, field);
      const length = LAYOUT[name].find(([each]) => each === field)![1];
      const to = field === "box" ? source.bytes.length : from + length;
      const bytes = overwrite(target.bytes, from, source.bytes.slice(from, to));
      const label = `${target.label} with the ${field} of ${source.label}`;
      return this.#messages.numberOf(target.event, bytes, label);
    });
  }

  /** Every hello under the insider's key, and every share with its signature, for any two hellos. */
  async #forge(sent: readonly Message[], insider: SigningKey): Promise<number[]> {
    const hellos = sent.filter(({ event }) => event === "ELGAMAL_PK_BC");
    const shares = sent.filter(({ event }) => event === "DEFF_HELLMAN_PK_BC");
    const claimed = hellos.map((hello) => this.#claim(hello, insider));
    const forged = claimed.map(({ number }) => number);
    for (const share of shares) {
      for (const own of claimed) {
        for (const other of hellos) forged.push(await this.#sign(share, own, other, insider));
      }
    }
    return forged;
  }

  #claim({ event, bytes, label }: Message, insider: SigningKey): Message {
    const claimed = overwrite(bytes, at("hello", "identity"), insider.publicKey.bytes);
    const made = `${label} under the insider's key`;
    return this.#messages.at(this.#messages.numberOf(event, claimed, made));
  }

  #sign(share: Message, own: Message, other: Message, insider: SigningKey): Promise<number> {
    const key = [share, own, other].map(({ number }) => number).join();
    let number = this.#signed.get(key);
    if (number === undefined) {
      const label = `${share.label} signed by the insider for ${own.label} and ${other.label}`;
      number = signShare(insider, own.bytes, other.bytes, parseShareMessage(share.bytes))
        .then((bytes) => this.#messages.numberOf(share.event, bytes, label));
      this.#signed.set(key, number);
    }
    return number;
  }
}

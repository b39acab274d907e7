/** Every message that the network has ever seen or made, each with a number. */
import type { Bytes } from "../../../lib/crypto/bytes.ts";
import type { PeerEvent } from "../../../lib/relay/wire_events.ts";

/** Something that can be delivered. */
export interface Message {
  /** Its place among the {@link Messages}. */
  readonly number: number;
  readonly event: PeerEvent;
  readonly bytes: Bytes;
  /** What a reader of a trace should know of it. */
  readonly label: string;
}

export class Messages {
  readonly #all: Message[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#all.length;
  }

  at(number: number): Message {
    return this.#all[number]!;
  }

  /** The number of a message: the same for the same bytes under the same event. */
  numberOf(event: PeerEvent, bytes: Bytes, label: string): number {
    const key = `${event} ${bytes.toHex()}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#all.length;
      this.#all.push({ number, event, bytes, label });
      this.#numbers.set(key, number);
    }
    return number;
  }
}

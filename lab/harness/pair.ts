/**
 * Two real clients who have finished their handshake, at a relay that can do with their messages what it likes.
 *
 * @module
 */
import type { Client } from "./client.ts";
import { honestly, otherSeat, type Room, type Seat } from "./room.ts";
import type { Watch } from "./watch.ts";

/** Two clients and the room between them. */
export class Pair {
  #lines = 0;

  /** Two who have met. */
  constructor(
    readonly alice: Client,
    readonly bob: Client,
    readonly room: Room,
    readonly watch: Watch,
  ) {}

  /** One says a line that nothing has happened to, and the other reads it. */
  async speak(from: Seat): Promise<void> {
    const line = `line ${++this.#lines} of ${from}`;
    this[from].say(line);
    const reader = this[otherSeat(from)];
    await this.watch.until(
      () => reader.texts.includes(line) || reader.failure !== null,
      `${otherSeat(from)} reads what ${from} says`,
    );
    if (reader.failure !== null) throw reader.failure;
  }

  /** Alice says lines, each in an envelope of its own: those that are said at once share one. */
  async sayApart(...lines: string[]): Promise<void> {
    const envelopes = () => this.room.sent("alice", "received_message").length;
    for (const line of lines) {
      const before = envelopes();
      this.alice.say(line);
      await this.watch.until(() => envelopes() > before, `Alice sends "${line}"`);
    }
  }

  /** Nothing is on its way any more, not even a receipt. */
  async settle(): Promise<void> {
    const { alice, bob } = this;
    await this.watch.until(
      () => alice.conversation.undelivered === 0 && bob.conversation.undelivered === 0,
      "both know that everything has arrived",
    );
  }

  /** Both speak and are read: the conversation goes on. */
  async goOn(): Promise<void> {
    this.room.meddle = honestly;
    await this.speak("alice");
    await this.speak("bob");
    await this.settle();
  }

  /** Forgets what was shown so far. */
  forget(): void {
    for (const client of [this.alice, this.bob]) client.events.length = 0;
    this.room.recorded.length = 0;
  }

  /** Both leave. */
  async close(): Promise<void> {
    await Promise.all([this.alice.close(), this.bob.close()]);
  }
}

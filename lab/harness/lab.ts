/**
 * The lab: one hostile relay, and every client of it. A play asks for rooms, victims and attackers here,
 * and all that it opened is closed behind it.
 *
 * @module
 */
import { startRelay } from "../../lib/relay/relay.ts";
import { RELAYED, type RelayedEvent } from "../../lib/relay/wire_events.ts";
import { mustReach, type Refusal } from "../attack.ts";
import { short, type Shown } from "../numbers.ts";
import type { TextbookClient } from "../textbook/client.ts";
import type { Conversation } from "../../lib/conversation/conversation.ts";
import { ChatScreen } from "./chat_screen.ts";
import { Client, type ClientOptions } from "./client.ts";
import { connect, type Connection, type Port } from "./connection.ts";
import { HostileRelay } from "./hostile_relay.ts";
import { Pair } from "./pair.ts";
import { Party, type PartyOptions } from "./party.ts";
import { honestly, type Meddle, otherSeat, type Room, type Seat } from "./room.ts";
import { startTextbookRelay } from "./textbook_relay.ts";
import { Watch } from "./watch.ts";

/** Takes one line of a play that is shown slowly. */
export type Narrator = (line: string) => void;

/** What parley's own relay hands on at most: its default. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** A client to which a relay delivers. */
interface Listener {
  hear(event: string, payload: unknown): void | Promise<void>;
}

/** Where attacks are played. */
export class Lab implements AsyncDisposable {
  readonly #watch: Watch;
  readonly #relay: HostileRelay;
  readonly #narrator: Narrator;
  /** Shared by plays, and kept until the lab closes. */
  readonly #memory = new Map<string, Promise<unknown>>();
  /** What the present play has opened. */
  #open: (() => Promise<unknown>)[] = [];
  #pair: Pair | null = null;

  private constructor(watch: Watch, relay: HostileRelay, narrator: Narrator) {
    this.#watch = watch;
    this.#relay = relay;
    this.#narrator = narrator;
  }

  /**
   * Opens the lab.
   *
   * @param narrator is given each step, where they are to be seen
   */
  static async open(narrator: Narrator = () => {}): Promise<Lab> {
    const watch = new Watch();
    return new Lab(watch, await HostileRelay.start(watch), narrator);
  }

  /** Narrates a step, and the numbers in it. */
  narrate(step: string, numbers: Readonly<Record<string, Shown>> = {}): void {
    this.#narrator(`  ${step}`);
    for (const [name, value] of Object.entries(numbers)) {
      this.#narrator(`      ${name} = ${short(value)}`);
    }
  }

  /** Waits until something is so. */
  until(condition: () => boolean, what: string): Promise<void> {
    return this.#watch.until(condition, what);
  }

  /** Makes something once for all plays. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#memory.get(name) ?? make();
    this.#memory.set(name, made);
    return made as Promise<T>;
  }

  /** An empty room of the hostile relay. */
  room(meddle: Meddle = honestly, { begins = true } = {}): Room {
    const room = this.#relay.room();
    room.meddle = meddle;
    room.begins = begins;
    return room;
  }

  /** A real client in a room: the victim. */
  async client(room: Room, options: ClientOptions = {}): Promise<Client> {
    return await this.clientAt(this.#relay.url, room.name, options);
  }

  /** A real client at any relay. */
  async clientAt(url: string, room: string, options: ClientOptions = {}): Promise<Client> {
    const client = await Client.connect(url, room, options, this.#watch);
    this.#open.push(() => client.close());
    await this.until(() => client.connected, "the client is connected");
    return client;
  }

  /** A real client with lib's chat in front of a person. */
  async chat(room: Room): Promise<{ alice: Client; screen: ChatScreen }> {
    const screen = new ChatScreen();
    const subscribe = (conversation: Conversation) => screen.attach(conversation);
    const alice = await Client.connect(this.#relay.url, room.name, { subscribe }, this.#watch);
    this.#open.push(() => alice.close());
    await this.until(() => alice.connected, "the client is connected");
    return { alice, screen };
  }

  /** A bare connection: an attacker that writes every byte itself. */
  async attacker(
    url: string,
    room: string,
    hear: (event: string, payload: unknown) => void = () => {},
  ): Promise<Connection> {
    const connection = await connect(url, room, (event, payload) => {
      hear(event, payload);
      this.#watch.notify();
    });
    this.#open.push(() => connection.close());
    return connection;
  }

  /** A malicious peer who speaks parley-1. */
  async peer(room: Room, options: PartyOptions = {}): Promise<Party> {
    return await this.peerAt(this.#relay.url, room.name, options);
  }

  /** A malicious peer at any relay. */
  peerAt(url: string, room: string, options: PartyOptions = {}): Promise<Party> {
    return this.#join(url, room, (port) => new Party(port, options, this.#watch));
  }

  /** Connects a listener; what comes before it is made waits for it. */
  async #join<T extends Listener>(url: string, room: string, make: (port: Port) => T): Promise<T> {
    const early: [string, unknown][] = [];
    let hear = (event: string, payload: unknown) => void early.push([event, payload]);
    const port = await this.attacker(url, room, (event, payload) => hear(event, payload));
    const listener = make(port);
    let turn = Promise.resolve();
    hear = (event, payload) => {
      turn = turn.then(() => listener.hear(event, payload)).then(() => this.#watch.notify());
    };
    for (const [event, payload] of early) hear(event, payload);
    return listener;
  }

  /** The relay itself plays the other side to one of the two. */
  leg(room: Room, to: Seat, options: PartyOptions = {}): Party {
    const emit = (event: string, payload: unknown) =>
      room.deliver(to, RELAYED[event as RelayedEvent], payload);
    return new Party({ emit }, options, this.#watch);
  }

  /**
   * The relay comes between the two with keys of its own, and hands on what it reads.
   *
   * @param code its guess, where the two use an invite code
   */
  middle(room: Room, code: string | null = null): { read: string[]; legs: Record<Seat, Party> } {
    const read: string[] = [];
    const legOf = (to: Seat): Party =>
      this.leg(room, to, {
        code,
        onEffect: (effect) => {
          if (effect.type !== "message") return;
          read.push(effect.text);
          legs[otherSeat(to)].say(effect.text);
        },
      });
    const legs: Record<Seat, Party> = { alice: legOf("alice"), bob: legOf("bob") };
    room.meddle = ({ from, event, payload }) => {
      legs[from].hear(event, payload);
      return [];
    };
    return { read, legs };
  }

  /** A textbook client in a room. */
  textbook<T extends TextbookClient>(room: Room, make: (port: Port) => T): Promise<T> {
    return this.#join(this.#relay.url, room.name, make);
  }

  /** Two textbook clients of a kind, with a relay between them. They have agreed on a key, or on one with the relay. */
  async textbookPair<T extends TextbookClient>(
    make: (port: Port) => T,
    meddle: Meddle = honestly,
  ): Promise<{ alice: T; bob: T; room: Room }> {
    const room = this.room(meddle);
    const alice = await this.textbook(room, make);
    const bob = await this.textbook(room, make);
    await this.until(() => alice.key !== null && bob.key !== null, "both have a key");
    return { alice, bob, room };
  }

  /**
   * Plays with two real clients who have met and have just read each other's lines; whatever is refused, they must
   * go on to talk. Then the next play gets the same two.
   */
  async withPair(body: (pair: Pair) => Promise<Refusal>): Promise<Refusal> {
    const pair = this.#pair ?? await this.#meet({});
    this.#pair = null;
    let isWell = false;
    try {
      this.narrate("two real clients have met and read each other's lines");
      pair.forget();
      const refusal = await body(pair);
      await pair.goOn();
      this.narrate("and the two go on to talk");
      isWell = true;
      return refusal;
    } finally {
      if (isWell) this.#pair = pair;
      else await pair.close();
    }
  }

  /** Two real clients who have met and read each other's messages, for one play alone. */
  async ownPair(options: ClientOptions = {}): Promise<Pair> {
    const pair = await this.#meet(options);
    this.#open.push(() => pair.close());
    return pair;
  }

  /** Two real clients meet at the hostile relay, which hands on everything: the control of most plays. */
  async #meet(options: ClientOptions): Promise<Pair> {
    const room = this.room();
    const join = async (name: string) => {
      const client = await Client.connect(
        this.#relay.url,
        room.name,
        { name, ...options },
        this.#watch,
      );
      await this.until(() => client.connected, "the client is connected");
      return client;
    };
    const pair = new Pair(await join("Alice"), await join("Bob"), room, this.#watch);
    const both = [pair.alice, pair.bob];
    await this.until(
      () => both.every(({ facts, failure }) => facts !== null || failure !== null),
      "an honest handshake ends",
    );
    mustReach(both.every(({ failure }) => failure === null), "an honest handshake");
    await pair.goOn();
    return pair;
  }

  /** The control of a play with other options: two honest clients meet and talk. Run once for each kind. */
  async control(options: ClientOptions = {}): Promise<void> {
    const kind = JSON.stringify([options.deniable ?? false, options.code ?? null]);
    await this.once(`control ${kind}`, async () => {
      const pair = await this.#meet(options);
      await pair.close();
    });
    this.narrate("control: the same two, without the attack, met and read each other");
  }

  /** The control of a play with a malicious peer: one who keeps every rule is let in, and is read. */
  async peerControl(): Promise<void> {
    await this.once("peer control", async () => {
      const room = this.room();
      const victim = await this.client(room);
      const peer = await this.peer(room);
      peer.say("an honest line");
      await this.until(
        () => victim.texts.length > 0 || victim.failure !== null,
        "a peer who keeps the rules is read",
      );
      mustReach(victim.failure === null, "a peer who keeps the rules is let in");
    });
    this.narrate("control: a peer who keeps every rule was let in and read");
  }

  /** Where the hostile relay listens. */
  get url(): string {
    return this.#relay.url;
  }

  /** The textbook's relay, on a free port. */
  async textbookRelay(): Promise<string> {
    const relay = await startTextbookRelay();
    this.#open.unshift(() => relay.close());
    return relay.url;
  }

  /** parley's own relay, on a free port. */
  async honestRelay(): Promise<string> {
    const relay = await startRelay({
      host: "127.0.0.1",
      port: 0,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      // A connection that breaks in a play is gone.
      awaySeconds: 0,
      after: () => () => {},
      log: () => {},
    });
    // Behind the clients that the play will connect to it.
    this.#open.unshift(() => relay.close());
    return relay.url;
  }

  /** Closes what the present play has opened. */
  async endPlay(): Promise<void> {
    const closing = this.#open;
    this.#open = [];
    this.#watch.reset();
    for (const close of closing.toReversed()) await close();
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.endPlay();
    await this.#pair?.close();
    await this.#relay[Symbol.asyncDispose]();
  }
}

/**
 * The lab: one hostile relay, and every client of it. A play asks for rooms, victims and attackers here,
 * and all that it opened is closed behind it.
 *
 * @module
 */
import type { Step } from "../../lib/protocol/session.ts";
import { startRelay } from "../../lib/relay/relay.ts";
import { allottedRoom, RELAYED, type RelayedEvent } from "../../lib/relay/wire_events.ts";
import { mustNot, mustReach, type Refusal } from "../attack.ts";
import { short, type Shown } from "../numbers.ts";
import type { TextbookClient } from "../textbook/client.ts";
import { ChatScreen } from "./chat_screen.ts";
import { Client, type ClientOptions } from "./client.ts";
import { connect, type Connection, type Port } from "./connection.ts";
import { type HostileRelay, startHostileRelay } from "./hostile_relay.ts";
import { Pair } from "./pair.ts";
import { Party, type PartyOptions } from "./party.ts";
import { honestly, type Meddle, otherSeat, type Place, type Room, type Seat } from "./room.ts";
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
  /** Shared by plays, and kept until the lab closes. */
  readonly #memory = new Map<string, Promise<unknown>>();
  /** What the present play has opened. */
  #open: (() => Promise<unknown>)[] = [];
  #pair: Pair | null = null;

  private constructor(
    readonly watch: Watch,
    readonly relay: HostileRelay,
    readonly narrator: Narrator,
  ) {}

  /**
   * Opens the lab.
   *
   * @param narrator is given each step, where they are to be seen
   */
  static async open(narrator: Narrator = () => {}): Promise<Lab> {
    const watch = new Watch();
    return new Lab(watch, await startHostileRelay(watch), narrator);
  }

  /** Narrates a step, and the numbers in it. */
  narrate(step: string, numbers: Readonly<Record<string, Shown>> = {}): void {
    this.narrator(`  ${step}`);
    for (const [name, value] of Object.entries(numbers)) {
      this.narrator(`      ${name} = ${short(value)}`);
    }
  }

  /** Waits until something is so. */
  until(condition: () => boolean, what: string): Promise<void> {
    return this.watch.until(condition, what);
  }

  /** Makes something once for all plays. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#memory.get(name) ?? make();
    this.#memory.set(name, made);
    return made as Promise<T>;
  }

  /** An empty room of the hostile relay. */
  room(meddle: Meddle = honestly, { begins = true } = {}): Room {
    const room = this.relay.room();
    room.meddle = meddle;
    room.begins = begins;
    return room;
  }

  /** A real client: the victim. */
  async client(place: Place, options: ClientOptions = {}): Promise<Client> {
    const client = await this.#connected(place, options);
    this.#open.push(() => client.close());
    return client;
  }

  async #connected(place: Place, options: ClientOptions): Promise<Client> {
    const client = await Client.connect(place, options, this.watch);
    await this.until(() => client.all("waiting").length > 0, "the client is connected");
    return client;
  }

  /** Two of a kind. */
  async clients(place: Place, options: ClientOptions = {}): Promise<[alice: Client, bob: Client]> {
    return [await this.client(place, options), await this.client(place, options)];
  }

  /** A real client with lib's chat in front of a person. */
  async chat(room: Room): Promise<{ alice: Client; screen: ChatScreen }> {
    const screen = new ChatScreen();
    return { screen, alice: await this.client(room, { subscribe: (it) => screen.attach(it) }) };
  }

  /** A bare connection: an attacker that writes every byte itself. */
  async attacker(
    place: Place,
    hear: (event: string, payload: unknown) => void = () => {},
  ): Promise<Connection> {
    const connection = await connect(place, (event, payload) => {
      hear(event, payload);
      this.watch.notify();
    });
    this.#open.push(() => connection.close());
    return connection;
  }

  /** A malicious peer who speaks parley-1. */
  peer(place: Place, options: PartyOptions = {}): Promise<Party> {
    return this.#join(place, (port) => new Party(port, options, this.watch));
  }

  /** Connects a listener; what comes before it is made waits for it. */
  async #join<T extends Listener>(place: Place, make: (port: Port) => T): Promise<T> {
    const early: [string, unknown][] = [];
    let hear = (event: string, payload: unknown) => void early.push([event, payload]);
    const port = await this.attacker(place, (event, payload) => hear(event, payload));
    const listener = make(port);
    let turn = Promise.resolve();
    hear = (event, payload) => {
      turn = turn.then(() => listener.hear(event, payload)).then(() => this.watch.notify());
    };
    for (const [event, payload] of early) hear(event, payload);
    return listener;
  }

  /** The relay itself plays the other side to one of the two. */
  leg(room: Room, to: Seat, options: PartyOptions = {}): Party {
    const emit = (event: string, payload: unknown) =>
      room.deliver(to, RELAYED[event as RelayedEvent], payload);
    return new Party({ emit }, options, this.watch);
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
  textbook<T extends TextbookClient, More extends unknown[]>(
    room: Room,
    kind: new (port: Port, ...more: More) => T,
    ...more: More
  ): Promise<T> {
    return this.#join(room, (port) => new kind(port, ...more));
  }

  /** Two textbook clients of a kind, with a relay between them. They have agreed on a key, or on one with the relay. */
  async textbookPair<T extends TextbookClient, More extends unknown[]>(
    kind: new (port: Port, ...more: More) => T,
    meddle: Meddle = honestly,
    ...more: More
  ): Promise<{ alice: T; bob: T; room: Room }> {
    const room = this.room(meddle);
    const alice = await this.textbook(room, kind, ...more);
    const bob = await this.textbook(room, kind, ...more);
    await this.until(() => alice.key !== null && bob.key !== null, "both have a key");
    return { alice, bob, room };
  }

  /** One textbook client says a line, and another reads something. */
  async tell(from: TextbookClient, line: string, to: TextbookClient): Promise<void> {
    from.say(line);
    await this.until(() => to.shown.length > 0, "the line is read");
  }

  /** The first message of Alice's that crosses a room, at a textbook's relay. */
  async firstMessage(room: Room): Promise<string> {
    const sent = () => room.sentTexts("alice", "received_message")[0];
    await this.until(() => sent() !== undefined, "Alice speaks");
    return sent()!;
  }

  /** Waits until a victim's user has read something. */
  reads(victim: Client): Promise<void> {
    return this.until(
      () => victim.texts.length > 0 || victim.failure !== null,
      "the victim reads",
    );
  }

  /** The one refusal of a client that goes on. */
  onlyRefusal({ refusals }: Client, seen: string): Refusal {
    mustNot(refusals.length !== 1, "it was taken without a word");
    return { code: refusals[0]!, seen };
  }

  /** Waits until a victim has a session, or has ended it. */
  decision(...victims: Client[]): Promise<void> {
    return this.until(
      () => victims.every(({ failure, facts }) => failure !== null || facts !== null),
      "the victim decides",
    );
  }

  /** The error with which a victim ended its session; it has to have come as far as this step of the seven. */
  refusal(victim: Client, step: Step, what: string, seen: string): Refusal {
    const error = victim.failure;
    mustNot(error === null, "the victim took it");
    mustReach(victim.steps.includes(step), `the victim's step ${step}`);
    this.narrate(what, { error: error!.message });
    return { code: error!.code, seen };
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
    pair.forget();
    return pair;
  }

  /** Two real clients meet at the hostile relay, which hands on everything: the control of most plays. */
  async #meet(options: ClientOptions): Promise<Pair> {
    const room = this.room();
    const join = (name: string) => this.#connected(room, { name, ...options });
    const pair = new Pair(await join("Alice"), await join("Bob"), room, this.watch);
    await this.decision(pair.alice, pair.bob);
    mustReach(pair.alice.facts !== null && pair.bob.facts !== null, "an honest handshake");
    await pair.goOn();
    return pair;
  }

  /** The control of a play with other options: two honest clients meet and talk. Run once for each kind. */
  async control(options: ClientOptions = {}): Promise<void> {
    const kind = JSON.stringify([options.deniable ?? false, options.code ?? null]);
    await this.once(`control ${kind}`, async () => await (await this.#meet(options)).close());
    this.narrate("control: the same two, without the attack, met and read each other");
  }

  /** The control of a play with a malicious peer: one who keeps every rule is let in, and is read. */
  async peerControl(): Promise<void> {
    await this.once("peer control", async () => {
      const room = this.room();
      const victim = await this.client(room);
      const peer = await this.peer(room);
      peer.say("an honest line");
      await this.reads(victim);
      mustReach(victim.failure === null, "a peer who keeps the rules is let in");
    });
    this.narrate("control: a peer who keeps every rule was let in and read");
  }

  /** parley's own relay, on a free port. */
  async honestRelay(): Promise<Place> {
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
    // A name that clients do not hash: who knows only the wire comes to the same room.
    return { url: relay.url, name: allottedRoom(1) };
  }

  /** Closes what the present play has opened. */
  async endPlay(): Promise<void> {
    const closing = this.#open;
    this.#open = [];
    this.watch.reset();
    for (const close of closing.toReversed()) await close();
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.endPlay();
    await this.#pair?.close();
    await this.relay.close();
  }
}

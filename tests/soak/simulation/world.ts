/**
 * One simulated conversation: two people with the real `Conversation`, `Delivery`, `InputQueue` and `SessionWatchdog`, and
 * around them a stub session, simulated disks, a simulated network and a simulated relay, all in virtual time.
 *
 * A world moves one event at a time, and between two events everything that promises hold is done. So the caller
 * must let the event loop turn after each {@link World.step}; many worlds can share one turn.
 */
import { Conversation } from "../../../lib/conversation/conversation.ts";
import { type ConversationEvent, EventStream } from "../../../lib/conversation/events.ts";
import type { SigningKey } from "../../../lib/crypto/elgamal.ts";
import { fromHex, toHex } from "../../../lib/crypto/bytes.ts";
import { Delivery } from "../../../lib/delivery/delivery.ts";
import type { SessionInput } from "../../../lib/protocol/effects.ts";
import type { advance } from "../../../lib/protocol/session.ts";
import { Dice } from "../../helpers/mutants.ts";
import { type Identity, Oracle, type Run, Violation } from "./oracle.ts";
import { SimulatedConnection } from "./connection.ts";
import { Disk, SimulatedStore } from "./disk.ts";
import { NOTICED_AFTER } from "./network.ts";
import { SimulatedRelay } from "./relay.ts";
import { drawScenario, type Fault, type Part, type Scenario, type Side } from "./scenario.ts";
import { stubAdvance } from "./stub_session.ts";
import { Timeline } from "./timeline.ts";

/** How long after the last fault everything has to be settled, in milliseconds of virtual time. */
const PATIENCE = 3_600_000;

/** The most events of one conversation: more, and it runs in circles. */
const MAX_EVENTS = 200_000;

class Process implements Run {
  peer: Identity | null = null;
  former: Identity | null = null;
  readonly identity: Identity;
  readonly conversation: Conversation;
  connection: SimulatedConnection | null = null;
  readonly store: SimulatedStore | null;
  isDead = false;
  isMeeting = false;
  /** Whether a hash is being computed, which takes no virtual time. */
  isHashing = false;
  #isAsleep = false;
  #late: (() => void)[] = [];

  constructor(world: World, participant: Participant, identity: Identity) {
    this.identity = identity;
    const { timeline, dice, relay, scenario } = world;
    const { part, disk } = participant;
    const run = (what: () => void) => this.run(world, what);
    const begin = () => void (this.isHashing = false);
    const wake = (what: () => void) => {
      begin();
      run(what);
    };
    this.store = part.hasStore
      ? new SimulatedStore({ disk, timeline, dice, weight: part.weight, begin, wake })
      : null;
    const delivery = new Delivery({
      conversation: "place",
      random: (length) => dice.bytes(length),
      store: this.store,
      records: part.hasStore ? [...disk.records] : [],
      warn: () => {},
    });
    this.conversation = new Conversation({
      address: { server: "http://relay.test", room: "room" },
      handshake: {
        identity: { publicKey: { bytes: fromHex(identity.key) } } as unknown as SigningKey,
        name: identity.name,
        deniable: false,
        code: null,
      },
      delivery,
      environment: {
        random: (length) => dice.bytes(length),
        kem: null as never,
        now: () => 1_700_000_000_000 + Math.floor(timeline.now),
      },
      events: new EventStream(),
      after: (milliseconds, callback) => timeline.after(milliseconds, () => run(callback)),
      advance: this.#advance(),
      connect: (post) =>
        this.connection = new SimulatedConnection({
          timeline,
          dice,
          relay,
          latency: scenario.latency,
          secret: participant.secret,
          run,
          post,
        }),
    });
    this.conversation.subscribe((event) => this.#show(world, participant, event));
    this.conversation.connect();
  }

  isBehind(): boolean {
    return this.store?.isBehind ?? false;
  }

  /** Something happens in this process: now, when it wakes, or never. */
  run(world: World, what: () => void): void {
    if (this.isDead) return;
    if (this.#isAsleep) return void this.#late.push(what);
    world.isDirty = true;
    what();
  }

  sleep(): void {
    this.#isAsleep = true;
  }

  wake(world: World): void {
    this.#isAsleep = false;
    for (const what of this.#late.splice(0)) this.run(world, what);
  }

  /** The stub, which notes when the delivery begins to hash and when it goes on. */
  #advance(): typeof advance {
    return async (session, input: SessionInput, environment) => {
      if (this.isDead) return await new Promise(() => {});
      this.isHashing = false;
      const transition = await stubAdvance(session, input, environment);
      this.isHashing = transition.effects.some(({ type }) => type === "secure");
      this.isMeeting ||= this.isHashing;
      return transition;
    };
  }

  #show(world: World, participant: Participant, event: ConversationEvent): void {
    if (this.isDead) return;
    if (event.type === "secure") this.isMeeting = false;
    world.shown(this, participant, event);
  }
}

/** One of the two, over all runs of their client. */
class Participant {
  readonly side: Side;
  readonly part: Part;
  readonly disk = new Disk();
  process: Process | null = null;
  identity: Identity | null = null;
  secret = "";
  /** What was typed while no client ran. */
  typed: string[] = [];
  /** Whether nothing more will be typed. */
  isDone = false;

  constructor(side: Side, part: Part) {
    this.side = side;
    this.part = part;
  }
}

export class World {
  readonly scenario: Scenario;
  readonly dice: Dice;
  readonly timeline: Timeline;
  readonly relay: SimulatedRelay;
  readonly oracle: Oracle;
  /** Whether something has happened that promises may wait for. */
  isDirty = false;
  violation: Violation | null = null;
  /** Called with everything that happens, for a look into a seed. */
  log: ((line: string) => void) | null = null;
  readonly #participants: readonly [Participant, Participant];
  #events = 0;
  #isOver = false;
  #incarnations = 0;

  /** The world of a seed. @param without the faults that are left out, by their index */
  constructor(seed: number, without: ReadonlySet<number> = new Set()) {
    this.scenario = drawScenario(seed);
    const faults = this.scenario.faults.filter((_, i) => !without.has(i));
    const types = new Set(faults.map(({ fault: { type } }) => type));
    const patience = types.has("sleep") ? ["handshake-timeout"] : [];
    this.oracle = new Oracle(types.has("noise") ? null : patience);
    this.dice = new Dice(seed);
    this.timeline = new Timeline(this.dice);
    this.relay = new SimulatedRelay(this.timeline, this.dice);
    const [a, b] = this.scenario.parts;
    this.#participants = [new Participant(0, a), new Participant(1, b)];
    for (const participant of this.#participants) this.#plan(participant);
    for (const [i, { at, fault }] of this.scenario.faults.entries()) {
      if (!without.has(i)) this.timeline.at(at, () => this.#break(fault));
    }
  }

  /** Lets things happen until promises may have something to do. @returns whether there is more to come */
  step(): boolean {
    if (this.#isOver) return false;
    if (this.#participants.some(({ process }) => process?.isHashing && !process.isDead)) {
      return true;
    }
    try {
      this.#end();
      this.isDirty = false;
      while (!this.#isOver && !this.isDirty) {
        if (++this.#events > MAX_EVENTS || !this.timeline.step()) {
          throw new Violation("it does not end");
        }
        if (this.timeline.now > this.scenario.calm + PATIENCE) {
          throw new Violation(`not settled: ${this.#participants.map(stateOf).join(", ")}`);
        }
      }
    } catch (error) {
      this.#stop(error);
    }
    return !this.#isOver;
  }

  shown(process: Process, participant: Participant, event: ConversationEvent): void {
    if (this.#isOver) return;
    this.log?.(`${time(this)} ${process.identity.name} ${line(event)}`);
    try {
      this.oracle.show(process, event);
    } catch (error) {
      return this.#stop(error);
    }
    if (event.type === "error") this.#restart(participant, process);
    if (event.type === "peer-left" && participant.isDone) {
      process.conversation.finish();
    }
  }

  #stop(error: unknown): void {
    this.#isOver = true;
    this.violation = error instanceof Violation ? error : new Violation(String(error));
  }

  /** Looks whether all is done. */
  #end(): void {
    const [a, b] = this.#participants;
    const isSettled = this.#participants.every(({ process, isDone, typed }) =>
      process !== null && isDone && typed.length === 0 && process.conversation.settled
    );
    if (!isSettled || a.process!.peer !== b.identity || b.process!.peer !== a.identity) return;
    this.#isOver = true;
    this.oracle.close(a.identity!, b.identity!);
  }

  #plan(participant: Participant): void {
    const { comes, sayings, finishes } = participant.part;
    this.timeline.at(comes, () => this.#start(participant));
    for (const [i, { at, lines }] of sayings.entries()) {
      const texts = Array.from({ length: lines }, (_, j) => `${"ab"[participant.side]}${i}.${j}`);
      this.timeline.at(at, () => this.#say(participant, texts));
    }
    this.timeline.at(finishes, () => {
      participant.isDone = true;
      this.log?.(`${time(this)} ${participant.identity?.name} finishes`);
      const { process } = participant;
      process?.run(this, () => process.conversation.finish());
    });
  }

  #say(participant: Participant, texts: readonly string[]): void {
    const { process, identity } = participant;
    if (process === null) return void participant.typed.push(...texts);
    process.run(this, () => {
      this.log?.(`${time(this)} ${identity!.name} types ${texts[0]} and ${texts.length - 1} more`);
      for (const text of texts) this.oracle.type(identity!, text);
      process.conversation.say(...texts);
    });
  }

  #start(participant: Participant): void {
    if (participant.identity === null || !participant.part.hasStore) {
      const bytes = this.dice.bytes(8);
      bytes[0] = this.#incarnations++;
      participant.identity = this.oracle.open(
        `${"AB"[participant.side]}${this.#incarnations}`,
        toHex(bytes),
      );
    }
    // A seat is a process's own.
    participant.secret = toHex(this.dice.bytes(8));
    participant.process = new Process(this, participant, participant.identity);
    this.isDirty = true;
    this.log?.(`${time(this)} ${participant.identity.name} starts`);
    if (participant.typed.length > 0) this.#say(participant, participant.typed.splice(0));
    if (participant.isDone) participant.process.conversation.finish();
  }

  /** The client has ended with an error, and its user starts it again. */
  #restart(participant: Participant, process: Process): void {
    if (participant.process !== process) return;
    participant.process = null;
    this.oracle.crash(process);
    void process.conversation.close();
    this.timeline.after(1000, () => {
      process.isDead = true;
      this.timeline.after(29_000, () => this.#start(participant));
    });
  }

  #break(fault: Fault): void {
    this.log?.(`${time(this)} FAULT ${JSON.stringify(fault)}`);
    switch (fault.type) {
      case "cut":
        return this.#participants[fault.side].process?.connection?.link?.break(
          fault.client,
          fault.relay,
        );
      case "relay":
        return this.relay.restart(fault.down, () => this.dice.pick([5, NOTICED_AFTER]));
      case "kill":
        return this.#kill(this.#participants[fault.side], fault.down, fault.relay);
      case "sleep":
        return this.#sleep(this.#participants[fault.side], fault.asleep);
      case "full": {
        const { disk } = this.#participants[fault.side];
        disk.isFull = true;
        this.timeline.after(fault.during, () => disk.isFull = false);
        return;
      }
      case "noise": {
        const { kind, once, during } = fault;
        this.relay.noise = { ...this.relay.noise, [kind]: once };
        this.timeline.after(during, () => this.relay.noise = { ...this.relay.noise, [kind]: 0 });
      }
    }
  }

  #kill(participant: Participant, down: number, noticed: number): void {
    const { process } = participant;
    if (process === null) return;
    process.isDead = true;
    process.store?.kill();
    process.connection!.abandon(noticed);
    this.oracle.crash(process);
    participant.process = null;
    this.timeline.after(down, () => this.#start(participant));
  }

  #sleep({ process }: Participant, asleep: number): void {
    if (process === null) return;
    process.sleep();
    const { link } = process.connection!;
    if (asleep > NOTICED_AFTER) {
      this.timeline.after(this.dice.below(NOTICED_AFTER), () => link?.break(asleep, 0));
    }
    this.timeline.after(asleep, () => process.wake(this));
  }
}

function stateOf({ process, identity, isDone, typed }: Participant): string {
  if (process === null) return `${identity?.name} does not run`;
  const { settled, secure, undelivered, finished } = process.conversation;
  const state = { settled, secure, undelivered, finished, isDone, typed: typed.length };
  return `${identity!.name} ${JSON.stringify(state)}`;
}

function time(world: World): string {
  return world.timeline.now.toFixed(1).padStart(10);
}

function line(event: ConversationEvent): string {
  if (event.type === "secure") return `secure with ${event.facts.peerName} (again: ${event.again})`;
  if (event.type === "error" || event.type === "refused") {
    return `${event.type} ${event.error.code}: ${event.error.message}`;
  }
  return JSON.stringify(event);
}

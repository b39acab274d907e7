/**
 * The states of one process and the steps between them: found by running the real code, each step once.
 */
import { fromUtf8 } from "../../../lib/crypto/bytes.ts";
import {
  type advance,
  newSession,
  type Session,
  type SessionEffect,
  type SessionInput,
  type Transition,
} from "../../../lib/protocol/session.ts";
import { type PeerEvent, RELAYED } from "../../../lib/relay/wire_events.ts";
import { EPOCH, randomFrom } from "../../helpers/session_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { insecureToyKem } from "../../helpers/toy_kem.ts";
import { canonical } from "./canonical.ts";
import { type History, NO_HISTORY, withEffect } from "./history.ts";
import { ACTS, type Input, type LocalState, messageOf, sessionInput } from "./local_state.ts";
import type { Messages } from "./messages.ts";
import type { Process } from "./process.ts";
import { checkEnd, checkStep } from "./step_checks.ts";
import { Violation } from "./violation.ts";

/** The code that is explored: `advance`, or something that is wrong on purpose. */
export type Advance = typeof advance;

/** The states of one process, as far as anybody has asked for them. */
export class LocalGraph {
  readonly #messages: Messages;
  readonly #advance: Advance;
  readonly #states: LocalState[] = [];
  readonly #numbers = new Map<string, number>();
  #steps = 0;

  readonly process: Process;

  private constructor(process: Process, messages: Messages, advance: Advance) {
    this.process = process;
    this.#messages = messages;
    this.#advance = advance;
  }

  /** A graph of one state, the first, which has number 0. */
  static async of(process: Process, messages: Messages, advance: Advance): Promise<LocalGraph> {
    const graph = new LocalGraph(process, messages, advance);
    const session = newSession(process.options);
    await graph.#stateOf({ session, history: NO_HISTORY, done: 0, draws: 0 });
    return graph;
  }

  get size(): number {
    return this.#states.length;
  }

  /** How many steps have been made with the real code. */
  get steps(): number {
    return this.#steps;
  }

  at(number: number): LocalState {
    return this.#states[number]!;
  }

  /** The state after an input. @throws {Violation} when the step itself breaks a property */
  async step(state: LocalState, input: Input): Promise<LocalState> {
    const known = state.next[input];
    if (known !== undefined) return known;
    const next = await this.#take(state, input);
    state.next[input] = next;
    return next;
  }

  /**
   * What an input brings about: the step once more, for a reader.
   *
   * @throws {Violation} when the code throws
   */
  async effects(state: LocalState, input: Input): Promise<readonly SessionEffect[]> {
    const given = sessionInput(input, this.process, state, this.#messages);
    return (await this.#run(state.session, given, state.draws)).effects;
  }

  async #take(state: LocalState, input: Input): Promise<LocalState> {
    this.#steps++;
    const given = sessionInput(input, this.process, state, this.#messages);
    const { session, effects, draws } = await this.#run(state.session, given, state.draws);
    checkStep(state, given, { session, effects }, this.#messages);
    const done = state.done + (input === ACTS.script ? 1 : 0);
    const nothing = effects.every(({ type }) => type === "refused");
    if (nothing && session === state.session && done === state.done) return state;
    const sent = this.#send(effects);
    const confirmation = this.#confirmationFor(state.session, input);
    let history: History = { ...state.history, sent: [...state.history.sent, ...sent] };
    const agreement = session.handshake?.agreement;
    if (agreement != null) history = { ...history, computed: agreement.keys.sessionId.toHex() };
    for (const effect of effects) history = withEffect(history, effect, confirmation);
    return await this.#stateOf({ session, history, done, draws });
  }

  async #run(
    session: Session,
    input: SessionInput,
    made: number,
  ): Promise<Transition & { draws: number }> {
    const { random, draws } = drawsFor(this.process.name, session, input, made);
    const environment = { random, kem: insecureToyKem(random), now: () => EPOCH };
    try {
      return { ...await this.#advance(session, input, environment), draws: draws() };
    } catch (error) {
      throw new Violation("totality", `${this.process.name} throws: ${error}`);
    }
  }

  /** The state that these make, which may be known already. */
  async #stateOf(parts: Omit<LocalState, "number" | "next">): Promise<LocalState> {
    const over = parts.session.phase === "ended";
    // Nothing of an ended session matters any more but that it is one.
    const { session, history, done, draws } = parts;
    const key = canonical(over ? [history] : [session, history, done, draws]);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#states.length;
      this.#numbers.set(key, number);
      this.#states.push({ ...parts, number, next: [] });
      if (over) await checkEnd(session, (input) => this.#run(session, input, draws));
    }
    return this.#states[number]!;
  }

  /** Hands what is sent to the network. */
  #send(effects: readonly SessionEffect[]): number[] {
    return effects.flatMap((effect, i) => {
      if (effect.type !== "emit") return [];
      const label = `${this.process.name}'s ${labelOf(effect.event, effects[i + 1])}`;
      return [this.#messages.numberOf(RELAYED[effect.event], effect.payload, label)];
    });
  }

  /** The other side's confirmation: it waits in its slot, or is what comes. */
  #confirmationFor({ handshake }: Session, input: Input): number | null {
    const waiting = handshake?.received.confirmation;
    if (waiting === undefined) return messageOf(input);
    return this.#messages.numberOf("SECURE_BC", waiting, "a confirmation");
  }
}

/**
 * What a process draws from in one step: randomness that depends on its process and purpose, and on nothing else, so
 * that equal histories lead to equal states, and so do different ones that ought to. Within one history no purpose
 * comes twice, but where what was drawn for it had been thrown away: what is drawn is fresh.
 *
 * @param made how many draws of the handshake it has made; the result's `draws` tells how many after the step
 */
function drawsFor(process: string, { channel }: Session, input: SessionInput, made: number) {
  // A handshake draws in one order, in whatever order its messages come: its draws are counted.
  if (channel === null) return randomFrom(`${process}: handshake`, made);
  const random = seededRandom(`${process}: ${purposeOf(channel, input)}`);
  return { random, draws: () => made };
}

/** What a secure session draws for. */
function purposeOf(
  { sent }: NonNullable<Session["channel"]>,
  input: SessionInput,
): string {
  switch (input.type) {
    case "send":
    case "idle":
      return `bundle ${sent}`;
    // What comes is only blinded with it.
    default:
      return "blinding";
  }
}

const LABELS: Readonly<Record<Exclude<PeerEvent, "received_message">, string>> = {
  ELGAMAL_PK_BC: "hello",
  DEFF_HELLMAN_PK_BC: "share",
  SECURE_BC: "confirmation",
};

/** What a message is to a reader: of one that is sealed, what was said with it. */
function labelOf(event: keyof typeof RELAYED, next: SessionEffect | undefined): string {
  if (event !== "message") return LABELS[RELAYED[event] as keyof typeof LABELS];
  if (next?.type !== "said") return "receipt";
  const { kind, body } = next.statement;
  return kind === "end" ? "goodbye" : `message "${fromUtf8(body)}"`;
}

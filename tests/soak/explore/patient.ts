/**
 * A network that loses nothing and adds nothing: it hands each message to the one at the other end, once, whenever
 * it likes.
 *
 * It keeps the order of what one side sends, as the relay does, or it does not. Then it still hands over no message
 * of a conversation before the handshake is done, for that one would be refused, and lost.
 */
import { isSettled } from "../../../lib/protocol/session.ts";
import { actsOf, type LocalState, receiving } from "./local_state.ts";
import type { Messages } from "./messages.ts";
import type { GlobalState, Model, Visit } from "./search.ts";
import { checkState } from "./state_checks.ts";
import { demand } from "./violation.ts";
import type { World } from "./world.ts";

/** Whether messages arrive in the order in which they were sent. */
export type Order = "kept" | "any";

/** Most messages of one side: a bit for each says whether it was handed over. */
const MAX_SENT = 31;

/** The model of two processes: where each stands, and which of the other's messages each has been handed. */
export class PatientModel implements Model {
  readonly #world: World;
  readonly #order: Order;

  readonly first: GlobalState = Uint32Array.of(0, 0, 0, 0);

  constructor(world: World, order: Order) {
    if (world.graphs.length !== 2) throw new RangeError("Cannot connect other than two processes");
    this.#world = world;
    this.#order = order;
  }

  async steps(state: GlobalState, counted: boolean, visit: Visit): Promise<void> {
    if (counted) return;
    const locals = this.#world.locals(state);
    for (const [process, local] of locals.entries()) {
      const next = Uint32Array.from(state);
      for (const input of actsOf(this.#world.graphs[process]!.process, local)) {
        next[process] = (await this.#world.step(process, local, input)).number;
        visit(next, { process, input });
      }
      const handed = state[2 + process]!;
      for (const place of this.#arriving(local, locals[1 - process]!, handed)) {
        const input = receiving(locals[1 - process]!.history.sent[place]!);
        next[process] = (await this.#world.step(process, local, input)).number;
        next[2 + process] = handed | 1 << place;
        visit(next, { process, input });
      }
    }
  }

  /** The places of those of the other's messages that may be handed over next. */
  #arriving(local: LocalState, { history: { sent } }: LocalState, handed: number): number[] {
    if (sent.length > MAX_SENT) throw new RangeError(`Cannot tell more than ${MAX_SENT} apart`);
    const waiting = [...sent.keys()].filter((place) => (handed & 1 << place) === 0);
    if (this.#order === "kept") return waiting.slice(0, 1);
    return waiting.filter((place) => canTake(local, sent[place]!, this.#world.messages));
  }

  check(state: GlobalState, last: boolean): void {
    checkState(this.#world, state);
    const locals = this.#world.locals(state);
    for (const [i, local] of locals.entries()) {
      const { name } = this.#world.graphs[i]!.process;
      demand(local.session.phase !== "ended", "progress", `${name}'s session has ended`);
      if (last) checkLast(name, local, locals[1 - i]!);
    }
  }
}

/** Whether a message comes in time. */
function canTake({ session }: LocalState, message: number, messages: Messages): boolean {
  return session.channel !== null || messages.at(message).event !== "received_message";
}

/** Where nothing more can happen, all has. */
function checkLast(name: string, { session, history }: LocalState, other: LocalState): void {
  demand(isSettled(session), "progress", `nothing more can happen, and ${name} has not settled`);
  demand(
    history.delivered === history.said.length && other.history.shown.length === history.said.length,
    "progress",
    `nothing more can happen, and not all that ${name} said has arrived`,
  );
}

/**
 * A network that does what it should: it hands each message to the one at the other end, once, in order, whenever
 * it likes.
 *
 * @module
 */
import { isSettled } from "../../lib/protocol/session.ts";
import { actsOf, type LocalState, receiving } from "./local_state.ts";
import type { GlobalState, Model, Visit } from "./search.ts";
import { checkState } from "./state_checks.ts";
import { demand } from "./violation.ts";
import type { World } from "./world.ts";

/** The model of two processes: where each stands, and how many messages each has been handed. */
export class PassiveModel implements Model {
  readonly #world: World;

  /** Both are at their beginning. */
  readonly first: GlobalState = Uint32Array.of(0, 0, 0, 0);

  /** A model of a world of two. */
  constructor(world: World) {
    if (world.size !== 2) throw new RangeError("Cannot connect other than two processes");
    this.#world = world;
  }

  /** See {@link Model}. */
  async steps(state: GlobalState, counted: boolean, visit: Visit): Promise<void> {
    if (counted) return;
    const locals = this.#world.locals(state);
    for (const [process, local] of locals.entries()) {
      const next = Uint32Array.from(state);
      for (const input of actsOf(this.#world.graphs[process]!.process, local)) {
        next[process] = (await this.#world.step(process, local, input)).number;
        visit(next, { process, input });
      }
      const arriving = locals[1 - process]!.history.sent[state[2 + process]!];
      if (arriving === undefined) continue;
      const step = { process, input: receiving(arriving) };
      next[process] = (await this.#world.step(process, local, step.input)).number;
      next[2 + process]!++;
      visit(next, step);
    }
  }

  /** See {@link Model}. */
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

/** Where nothing more can happen, all has. */
function checkLast(name: string, { session, history }: LocalState, other: LocalState): void {
  demand(isSettled(session), "progress", `nothing more can happen, and ${name} has not settled`);
  demand(
    history.delivered === history.said.length && other.history.shown.length === history.said.length,
    "progress",
    `nothing more can happen, and not all that ${name} said has arrived`,
  );
}

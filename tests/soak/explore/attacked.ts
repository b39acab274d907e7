/**
 * A network that is the attacker: whatever was ever sent by anybody in any run may be handed to anybody, under
 * its own event, at any time, in any order, any number of times, or never. None of that is counted, so there is
 * no bound on losing, repeating, reordering, reflecting and mixing. What is counted are messages that the
 * attacker changes or makes.
 */
import { ACTS, actsOf, type Input, type LocalState, receiving } from "./local_state.ts";
import type { GlobalState, Model, Visit } from "./search.ts";
import { checkState } from "./state_checks.ts";
import type { Attacker } from "./attacker.ts";
import type { World } from "./world.ts";

export class AttackedModel implements Model {
  readonly #world: World;
  readonly #attacker: Attacker;

  readonly first: GlobalState;

  constructor(world: World, attacker: Attacker) {
    this.#world = world;
    this.#attacker = attacker;
    this.first = new Uint32Array(world.graphs.length);
  }

  async steps(state: GlobalState, counted: boolean, visit: Visit): Promise<void> {
    const locals = this.#world.locals(state);
    const sent = locals.flatMap(({ history }) => history.sent);
    const handed = (counted ? await this.#attacker.madeOf(sent) : sent).map(receiving);
    const next = Uint32Array.from(state);
    for (const [process, local] of locals.entries()) {
      if (local.session.phase === "ended") continue;
      const inputs = counted ? handed : [...this.#acts(process, local), ...handed];
      for (const input of inputs) {
        const after = local.next[input] ?? await this.#world.step(process, local, input);
        if (after === local) continue;
        next[process] = after.number;
        visit(next, { process, input });
      }
      next[process] = local.number;
    }
  }

  check(state: GlobalState): void {
    checkState(this.#world, state);
  }

  /** What can happen to a process without a message: it may hear that the other has left, or wait in vain. */
  #acts(process: number, local: LocalState): Input[] {
    return [...actsOf(this.#world.graphs[process]!.process, local), ACTS.peerLeft, ACTS.timeout];
  }
}

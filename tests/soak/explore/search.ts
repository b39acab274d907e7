/**
 * Breadth-first search through the states of a model, each visited once.
 *
 * Some steps are free, others are attacks that are counted: first everything is visited that needs none, then
 * what needs one, and so on. A state that was reached with fewer attacks is not visited again with more, since
 * whatever follows it has been seen.
 */
import { StateStore } from "./state_store.ts";
import { type StepName, Violation } from "./violation.ts";

/** A state as the search knows it: a few numbers. */
export type GlobalState = Readonly<ArrayLike<number>>;

/** Takes a step, and the state after it. That state is only lent. */
export type Visit = (next: GlobalState, step: StepName) => void;

/** Something with states. */
export interface Model {
  readonly first: GlobalState;
  /**
   * Visits all steps of a state, except those that change nothing.
   *
   * @param counted those that are counted, instead of those that are free
   * @throws {Violation} when a step breaks a property
   */
  steps(state: GlobalState, counted: boolean, visit: Visit): Promise<void>;
  /**
   * Looks at a state.
   *
   * @param last no free step leads on from it
   * @throws {Violation} when a property does not hold in it
   */
  check(state: GlobalState, last: boolean): void;
}

export interface Limits {
  /** Most steps from the first state. */
  readonly depth: number;
  readonly attacks: number;
}

/** The way to a violated property. */
export interface Counterexample {
  readonly violation: Violation;
  /** The states, from the first to the one that violates it, or whose step does. */
  readonly states: readonly GlobalState[];
}

/** How far a search has come. */
export interface Progress {
  /** How many states are known. */
  readonly states: number;
  /** How many of them have been looked at. */
  readonly visited: number;
  /** How many steps have been looked at, those to known states among them. */
  readonly transitions: number;
  /** Steps from the first state to the last one. */
  readonly depth: number;
}

/** What a search found. */
export interface Findings extends Progress {
  /** Nothing within the count of attacks was left out. */
  readonly complete: boolean;
  /** The first one, or `null`. */
  readonly counterexample: Counterexample | null;
}

/** States between two reports. */
const REPORT_STATES = 4096;

export class Search {
  readonly #model: Model;
  readonly #limits: Limits;
  readonly #report: (progress: Progress) => void;
  readonly #store: StateStore;
  #transitions = 0;
  #visited = 0;
  #depth = 0;
  #complete = true;

  constructor(model: Model, limits: Limits, report: (progress: Progress) => void = () => {}) {
    this.#model = model;
    this.#limits = limits;
    this.#report = report;
    this.#store = new StateStore(model.first.length);
  }

  /** Visits every state of the model within the limits, until a property does not hold. */
  async run(): Promise<Findings> {
    this.#store.add(this.#model.first, 0);
    let place = 0;
    try {
      let layer = 0;
      for (let attacks = 0; attacks <= this.#limits.attacks; attacks++) {
        const end = this.#store.size;
        // The layer before is complete; now those of its steps that cost one attack more.
        for (place = layer; attacks > 0 && place < end; place++) await this.#expand(place, true);
        layer = attacks === 0 ? 0 : end;
        for (place = layer; place < this.#store.size; place++) await this.#visit(place);
      }
    } catch (violation) {
      if (!(violation instanceof Violation)) throw violation;
      const states = this.#store.pathTo(place).map((each) => this.#store.at(each));
      return this.#findings({ violation, states });
    }
    return this.#findings(null);
  }

  async #visit(place: number): Promise<void> {
    const steps = await this.#expand(place, false);
    this.#model.check(this.#store.at(place), steps === 0);
    if (++this.#visited % REPORT_STATES === 0) this.#report(this.#progress());
  }

  /** Returns how many steps there are. */
  async #expand(place: number, counted: boolean): Promise<number> {
    const depth = this.#store.depthOf(place);
    this.#depth = Math.max(this.#depth, depth);
    if (depth === this.#limits.depth) {
      this.#complete = false;
      return 1;
    }
    let steps = 0;
    await this.#model.steps(this.#store.at(place), counted, (next) => {
      steps++;
      this.#store.add(next, place);
    });
    this.#transitions += steps;
    return steps;
  }

  #progress(): Progress {
    return {
      states: this.#store.size,
      visited: this.#visited,
      transitions: this.#transitions,
      depth: this.#depth,
    };
  }

  #findings(counterexample: Counterexample | null): Findings {
    return { ...this.#progress(), complete: this.#complete, counterexample };
  }
}

/**
 * Several processes and what they have sent. A global state is the numbers of their local states; what the
 * network knows follows from these, since each process remembers what it sent.
 */
import { type Advance, LocalGraph } from "./local_graph.ts";
import type { Input, LocalState } from "./local_state.ts";
import { Messages } from "./messages.ts";
import type { Process } from "./process.ts";
import type { GlobalState } from "./search.ts";
import { Violation } from "./violation.ts";

/** The processes of a scenario, with all that is known of each. */
export class World {
  readonly graphs: readonly LocalGraph[];
  /** All that was ever sent, or made by the network. */
  readonly messages: Messages;

  private constructor(graphs: readonly LocalGraph[], messages: Messages) {
    this.graphs = graphs;
    this.messages = messages;
  }

  /** A world in which nothing has happened. */
  static async of(processes: readonly Process[], advance: Advance): Promise<World> {
    const messages = new Messages();
    const graphs = processes.map((process) => LocalGraph.of(process, messages, advance));
    return new World(await Promise.all(graphs), messages);
  }

  /** Where each process stands in a global state. */
  locals(state: GlobalState): LocalState[] {
    return this.graphs.map((graph, i) => graph.at(state[i]!));
  }

  /**
   * The state of a process after an input.
   *
   * @throws {Violation} when the step breaks a property; it names the step
   */
  async step(process: number, from: LocalState, input: Input): Promise<LocalState> {
    try {
      return await this.graphs[process]!.step(from, input);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      throw new Violation(error.property, error.message, { process, input });
    }
  }
}

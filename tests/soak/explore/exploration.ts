/** One scenario, explored. */
import { advance } from "../../../lib/protocol/session.ts";
import { optionsOf } from "../../helpers/session_pair.ts";
import { AttackedModel } from "./attacked.ts";
import { Attacker } from "./attacker.ts";
import type { Advance } from "./local_graph.ts";
import { PatientModel } from "./patient.ts";
import type { Scenario } from "./scenarios.ts";
import { type Findings, type Model, type Progress, Search } from "./search.ts";
import { type Trace, traceOf } from "./trace.ts";
import { World } from "./world.ts";

/** What came of a scenario. */
export interface Exploration extends Omit<Findings, "counterexample"> {
  readonly scenario: Scenario;
  /** How many states single processes have, all together. */
  readonly localStates: number;
  /** How many steps were made with the real code; all others are made of these. */
  readonly localSteps: number;
  /** How many messages were sent, changed or made. */
  readonly messages: number;
  readonly milliseconds: number;
  /** The way to a violated property, for a reader, or `null`. */
  readonly counterexample: Trace | null;
}

export interface ExploreOptions {
  /** Most steps from the beginning. @default unlimited */
  readonly depth?: number;
  /** The code that is explored. @default the real one */
  readonly code?: Advance;
  /** Is given the progress now and then. */
  readonly report?: (progress: Progress) => void;
}

export async function explore(
  scenario: Scenario,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const { depth = Infinity, code = advance, report } = options;
  const start = performance.now();
  const world = await World.of(scenario.processes, code);
  const model = modelOf(scenario, world);
  const found = await new Search(model, { depth, attacks: scenario.attacks }, report).run();
  const { counterexample, ...findings } = found;
  const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);
  return {
    ...findings,
    scenario,
    localStates: sum(world.graphs.map(({ size }) => size)),
    localSteps: sum(world.graphs.map(({ steps }) => steps)),
    messages: world.messages.size,
    milliseconds: performance.now() - start,
    counterexample: counterexample && await traceOf(counterexample, model, world),
  };
}

function modelOf({ patient, insider }: Scenario, world: World): Model {
  if (patient !== null) return new PatientModel(world, patient);
  const key = insider === null ? null : optionsOf(insider).identity;
  return new AttackedModel(world, new Attacker(world.messages, key));
}

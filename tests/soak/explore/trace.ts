/** The way to a violated property, in words. */
import { fromUtf8 } from "../../../lib/crypto/bytes.ts";
import type { SessionEffect } from "../../../lib/protocol/session.ts";
import { ACTS, type Input, messageOf } from "./local_state.ts";
import type { Counterexample, GlobalState, Model } from "./search.ts";
import { PROPERTIES, type Property, type StepName, Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** A counterexample for a reader. */
export interface Trace {
  readonly property: Property;
  readonly reason: string;
  readonly steps: readonly string[];
}

export function traceLines({ property, reason, steps }: Trace): string[] {
  const numbered = steps.map((step, i) => `${String(i + 1).padStart(4)}. ${step}`);
  return [`${property} does not hold: ${PROPERTIES[property]}`, ...numbered, `      ${reason}`];
}

/** Finds the steps between the states of a counterexample, and makes them once more for their effects. */
export async function traceOf(
  { violation, states }: Counterexample,
  model: Model,
  world: World,
): Promise<Trace> {
  const steps: string[] = [];
  for (const [i, next] of states.slice(1).entries()) {
    const step = await stepBetween(states[i]!, next, model);
    steps.push(await describe(states[i]!, step, world));
  }
  if (violation.step !== null) {
    steps.push(await describe(states.at(-1)!, violation.step, world));
  }
  return { property: violation.property, reason: violation.message, steps };
}

async function stepBetween(from: GlobalState, to: GlobalState, model: Model): Promise<StepName> {
  const text = String(to);
  // Free ones first: where the search made no counted ones, these are new, and may violate something themselves.
  for (const counted of [false, true]) {
    const found: StepName[] = [];
    await model.steps(from, counted, (next, step) => {
      if (String(next) === text) found.push(step);
    });
    if (found[0] !== undefined) return found[0];
  }
  throw new RangeError("Cannot find the step between two states");
}

async function describe(
  state: GlobalState,
  { process, input }: StepName,
  world: World,
): Promise<string> {
  const graph = world.graphs[process]!;
  const act = `${graph.process.name} ${describeInput(input, world)}`;
  try {
    const effects = await graph.effects(graph.at(state[process]!), input);
    const results = effects.map(describeEffect).filter((text) => text !== null);
    return `${act}: ${results.join(", ") || "nothing to be seen"}`;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return `${act}: throws`;
  }
}

function describeInput(input: Input, world: World): string {
  switch (input) {
    case ACTS.start:
      return "starts";
    case ACTS.script:
      return "goes on";
    case ACTS.idle:
      return "has a quiet moment";
    case ACTS.peerLeft:
      return "learns that the other has left";
    case ACTS.timeout:
      return "has waited long enough";
  }
  return `is handed ${world.messages.at(messageOf(input)!).label}`;
}

/** What a reader wants to know of an effect; `null` for nothing. */
function describeEffect(effect: SessionEffect): string | null {
  switch (effect.type) {
    case "emit":
      return `sends ${effect.event}`;
    case "secure":
      return `is secure with ${JSON.stringify(effect.peerName)} as ${effect.role} in ` +
        effect.sessionId.toHex().slice(0, 8);
    case "said":
      return effect.statement.kind === "end"
        ? "says goodbye"
        : `says ${JSON.stringify(fromUtf8(effect.statement.body))}`;
    case "message":
      return `shows ${JSON.stringify(effect.text)}`;
    case "peer-finished":
      return "shows a goodbye";
    case "delivered":
      return `knows that ${effect.count} arrived`;
    case "gap":
      return "misses something";
    case "refused":
    case "failed":
      return `${effect.type}: ${effect.error.code}`;
    case "peer-left":
      return effect.clean ? "ends" : "ends, cut off";
    default:
      return null;
  }
}

/** A property that does not hold. */

/** What is promised, in the words of the reports. */
export const PROPERTIES = {
  agreement: "two who are secure in one session agree on roles, keys, names and safety number",
  authenticity:
    "whoever is secure is so with a key that is pinned, and its owner holds the same keys",
  confirmation: "nobody is secure before the other has computed the same keys and sent a proof",
  conversation: "what is shown was said by the other in this session: unaltered, in order, once",
  receipts: "nothing counts as delivered that the other has not shown",
  freshness: "no message key seals two messages",
  silence: "nothing of a conversation is sent before its session is secure, or in the clear",
  totality: "no input makes the code throw",
  refusal: "what is refused leaves the session as it was, and is all that happens",
  failure: "a failed check is all that happens, ends the session, and nothing is ever sent again",
  endurance: "nothing that the network hands over ends a session that is secure",
  parting: "an end counts as clean only after the goodbye, and reports what is not delivered",
  progress: "where the network loses nothing, all is delivered and both sides settle",
} as const;

export type Property = keyof typeof PROPERTIES;

/** A step: the place of its process among the others, and its input. */
export interface StepName {
  readonly process: number;
  /** What is done, or handed over. */
  readonly input: number;
}

/** A property is violated. Thrown by a check, caught by the search. */
export class Violation extends Error {
  readonly property: Property;
  /** The step that violates it, or `null` when it is a state that does. */
  readonly step: StepName | null;

  /** A violation. @param reason what is the case instead, in one line */
  constructor(property: Property, reason: string, step: StepName | null = null) {
    super(reason);
    this.name = "Violation";
    this.property = property;
    this.step = step;
  }
}

/** Throws unless something holds. */
export function demand(condition: boolean, property: Property, reason: string): asserts condition {
  if (!condition) throw new Violation(property, reason);
}

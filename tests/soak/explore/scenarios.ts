/** What is explored: small runs, each with everything that the network can do to it. */
import type { Order } from "./patient.ts";
import { type Process, processOf, type ProcessOptions } from "./process.ts";

/** One exploration. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly processes: readonly Process[];
  /** The network hands on everything once, and does nothing else; `null` when it is the attacker. */
  readonly patient: Order | null;
  /** How many messages the attacker changes or makes. What it does with those of others is not counted. */
  readonly attacks: number;
  /** The person with whose key the attacker signs, or `null`. */
  readonly insider: string | null;
}

/** What two people do in a run; for one of them it may be something else. */
type Acts = Omit<ProcessOptions, "run" | "expects">;

const DENIABLE: Acts = { brings: { deniable: true } };

/** Alice and Bob in one run. Each expects the other, and nobody else unless that is said. */
function pair(run: number, alice: Acts = {}, bob: Acts = alice, others: string[] = []): Process[] {
  return [
    processOf("alice", { run, expects: ["bob", ...others], ...alice }),
    processOf("bob", { run, expects: ["alice", ...others], ...bob }),
  ];
}

function scenario(
  name: string,
  summary: string,
  processes: readonly Process[],
  more: Partial<Scenario> = {},
): Scenario {
  return { name, summary, processes, patient: null, attacks: 0, insider: null, ...more };
}

/** Mallory takes part with a key of her own, and with the same program as everybody. */
function withMallory(): Process[] {
  const mallory = processOf("mallory", { expects: ["alice", "bob"] });
  return [...pair(1, {}, {}, ["mallory"]), mallory];
}

/** Mallory stands between the two and presents to each the other's key, with which she can't sign. */
function withImpostors(): Process[] {
  return [
    ...pair(1),
    processOf("mallory", { as: "bob", expects: ["alice"] }),
    processOf("mallory", { as: "alice", expects: ["bob"] }),
  ];
}

/** What is explored in every run of the tests. */
export function boundedScenarios(): Scenario[] {
  const last = { goodbye: true, receipts: true };
  return [
    scenario("words", "a handshake and a text; one message is changed", pair(1, { texts: 1 }, {}), {
      attacks: 1,
    }),
    scenario("two runs", "two runs at once, one of them deniable; Alice says something", [
      ...pair(1, { texts: 1 }, {}),
      ...pair(2, DENIABLE),
    ]),
    scenario("insider", "Mallory takes part with a key of her own", withMallory()),
    scenario("middle", "Mallory presents the other's key to each", withImpostors()),
    scenario(
      "conversation",
      "texts and receipts",
      pair(1, { texts: 2, receipts: true }, { texts: 1, receipts: true }),
    ),
    scenario("disorder", "nothing is lost, and all may arrive in another order", [
      ...pair(1, { texts: 1, ...last }, last),
    ], { patient: "any" }),
  ];
}

/** What there is to choose about the large exploration. */
export interface Scale {
  /** How many texts each side says where the conversation is what matters. */
  readonly messages: number;
  /** How many messages the attacker changes or makes where that is what matters. */
  readonly attacks: number;
}

export function largeScenarios({ messages, attacks }: Scale): Scenario[] {
  const talk = { texts: messages, receipts: true };
  const word = { texts: Math.min(messages, 1) };
  const full = { ...word, goodbye: true, receipts: true };
  const code = (...words: string[]) => ({ brings: { code: ["7", ...words].join("-") } });
  const [invited, guessing] = [code("calm", "harbor", "lantern"), code("calm", "harbor", "kettle")];
  const fewer = Math.max(attacks - 1, 0);
  return [
    scenario("handshake", "one run; messages are changed", pair(1), { attacks }),
    scenario("impostor", "the same, and the attacker signs with a key of its own", pair(1), {
      attacks,
      insider: "mallory",
    }),
    scenario("code", "one run with an invite code", pair(1, { ...word, ...invited }), {
      attacks: fewer,
    }),
    scenario(
      "guess",
      "the codes differ: nobody may become secure",
      [
        processOf("alice", { expects: [], ...invited }),
        processOf("bob", { expects: [], ...guessing }),
      ],
      { attacks: fewer },
    ),
    scenario("words", "a short conversation; messages are changed", pair(1, word), {
      attacks: fewer,
    }),
    scenario("deniable", "the same without signatures", pair(1, { ...word, ...DENIABLE }), {
      attacks: fewer,
    }),
    scenario("conversation", "texts and receipts", pair(1, talk)),
    scenario("goodbye", "texts, receipts and goodbyes", pair(1, full)),
    scenario("two runs", "two runs at once; all say something", [
      ...pair(1, word),
      ...pair(2, word),
    ]),
    scenario("two ways", "two runs at once; one is deniable", [
      ...pair(1, word),
      ...pair(2, { ...word, ...DENIABLE }),
    ]),
    scenario("two runs changed", "two handshakes at once; messages are changed", [
      ...pair(1),
      ...pair(2),
    ], { attacks: fewer }),
    scenario("insider", "Mallory takes part with a key of her own", withMallory(), {
      attacks: fewer,
      insider: "mallory",
    }),
    scenario("middle", "Mallory presents the other's key to each", withImpostors(), {
      attacks: fewer,
    }),
    scenario("patience", "texts, receipts and goodbyes; nobody interferes", pair(1, full), {
      patient: "kept",
    }),
    scenario("disorder", "the same, where messages overtake each other", pair(1, full), {
      patient: "any",
    }),
  ];
}

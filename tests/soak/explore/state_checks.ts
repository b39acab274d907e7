/**
 * The properties that a global state can break: what one process believes, held against what the others did.
 */
import type { LocalState } from "./local_state.ts";
import type { Process } from "./process.ts";
import type { GlobalState } from "./search.ts";
import { demand } from "./violation.ts";
import type { World } from "./world.ts";

/** A process and where it stands. */
interface Standing {
  readonly process: Process;
  readonly local: LocalState;
}

/** Checks one state. @throws {Violation} when a property does not hold in it */
export function checkState(world: World, state: GlobalState): void {
  const all = world.locals(state).map((local, i) => ({ process: world.graphs[i]!.process, local }));
  for (const one of all) {
    const { secure } = one.local.history;
    if (secure === null) continue;
    const others = all.filter((other) =>
      other !== one && other.local.history.computed === secure.sessionId
    );
    const { name, expects } = one.process;
    demand(
      expects.includes(secure.peerIdentity),
      "authenticity",
      `${name} is secure with a key that it does not expect`,
    );
    demand(
      others.length === 1,
      "confirmation",
      `${name} is secure, and ${others.length} others have computed the keys of its session`,
    );
    checkPair(one, others[0]!);
  }
}

/** Checks what `one`, which is secure, believes of the `other`, which has computed the same session's keys. */
function checkPair(one: Standing, other: Standing): void {
  const { name } = one.process;
  const { history } = one.local;
  const { secure, shown, delivered } = history;
  const their = other.local.history;
  demand(
    secure!.peerIdentity === other.process.key,
    "authenticity",
    `${name} takes ${other.process.name} for somebody else`,
  );
  demand(
    their.sent.includes(secure!.confirmation),
    "confirmation",
    `${name} has accepted a proof that ${other.process.name} never sent`,
  );
  if (their.secure !== null) checkAgreement(one, other);
  demand(
    shown.length <= their.said.length && shown.every((text, i) => text === their.said[i]),
    "conversation",
    `${name} was shown what ${other.process.name} did not say so`,
  );
  demand(
    delivered <= their.shown.length,
    "receipts",
    `${name} believes that ${delivered} have arrived, ${other.process.name} has ${their.shown.length}`,
  );
}

function checkAgreement(one: Standing, other: Standing): void {
  const [mine, their] = [one.local.history.secure!.facts, other.local.history.secure!.facts];
  const { name, options } = one.process;
  const agreed = (condition: boolean, what: string) =>
    demand(condition, "agreement", `${name} and ${other.process.name} differ in ${what}`);
  agreed(mine.role !== their.role, "their roles");
  agreed(their.peerName === options.name, `${name}'s name`);
  agreed(mine.ownFingerprint === their.peerFingerprint, `${name}'s fingerprint`);
  agreed(mine.safetyNumber === their.safetyNumber, "the safety number");
  agreed(mine.deniable === their.deniable, "whether messages are signed");
  agreed(mine.invited === their.invited, "whether there is a code");
  const both = options.deniable && other.process.options.deniable;
  agreed(mine.deniable === both, "what they asked for, and got");
}

/** The properties that a single step can break. */
import { utf8 } from "../../../lib/crypto/bytes.ts";
import type { BoxKey } from "../../../lib/crypto/secret_box.ts";
import { decryptHeader, tagCheck } from "../../../lib/protocol/header.ts";
import type {
  Session,
  SessionEffect,
  SessionInput,
  Transition,
} from "../../../lib/protocol/session.ts";
import { parseEnvelope } from "../../../lib/protocol/wire.ts";
import { RELAYED } from "../../../lib/relay/wire_events.ts";
import { effectsOf, emitted } from "../../helpers/session_pair.ts";
import { ANYTHING } from "../../protocol/recording.ts";
import type { LocalState } from "./local_state.ts";
import type { Messages } from "./messages.ts";
import { demand } from "./violation.ts";

/** Checks one step. @throws {Violation} when a property does not hold in it */
export function checkStep(
  before: LocalState,
  input: SessionInput,
  { session, effects }: Transition,
  messages: Messages,
): void {
  checkRefusal(before.session, session, effects);
  checkFailure(session, effects);
  checkEndurance(before.session, effects);
  checkSilence(before.session, effects);
  checkFreshness(before, session, effects, messages);
  if (input.type === "send") {
    checkSecrecy(
      input.items.flatMap((item) => "text" in item && item.text !== "" ? [item.text] : []),
      effects,
    );
  }
  checkParting(before, effects);
}

function checkRefusal(before: Session, after: Session, effects: readonly SessionEffect[]): void {
  if (effectsOf(effects, "refused").length === 0) return;
  demand(before === after, "refusal", "something was refused, and changed the session");
  demand(effects.length === 1, "refusal", "something was refused, and that was not all");
}

function checkFailure(after: Session, effects: readonly SessionEffect[]): void {
  if (effectsOf(effects, "failed").length === 0) return;
  const { phase, handshake, channel } = after;
  const over = phase === "ended" && handshake === null && channel === null;
  demand(over, "failure", "a check failed, and the session goes on");
  demand(effects.length === 1, "failure", "a check failed, and that was not all");
}

function checkEndurance(before: Session, effects: readonly SessionEffect[]): void {
  if (before.channel === null) return;
  for (const { error } of effectsOf(effects, "failed")) {
    demand(false, "endurance", `a secure session has ended: ${error.code}`);
  }
}

/** Effects that belong to a conversation. */
function isTalk(effect: SessionEffect): boolean {
  const talk = ["said", "message", "delivered", "gap", "peer-finished"];
  return effect.type === "emit" ? effect.event === "message" : talk.includes(effect.type);
}

function checkSilence(before: Session, effects: readonly SessionEffect[]): void {
  if (before.channel !== null) return;
  const first = effects.findIndex(isTalk);
  if (first < 0) return;
  const secured = effects.findIndex(({ type }) => type === "secure");
  demand(
    secured >= 0 && secured < first,
    "silence",
    `there is ${effects[first]!.type} before the session is secure`,
  );
}

/** The numbers of those envelopes that are of one chain. */
function numbersIn(headerKey: BoxKey, envelopes: readonly Uint8Array[]): number[] {
  return envelopes.map(parseEnvelope)
    .filter((envelope) => tagCheck(envelope)(headerKey))
    .map((envelope) => decryptHeader(headerKey, envelope).number);
}

function checkFreshness(
  { history }: LocalState,
  { channel }: Session,
  effects: readonly SessionEffect[],
  messages: Messages,
): void {
  const sealed = effectsOf(effects, "emit").filter(({ event }) => event === "message");
  if (sealed.length === 0) return;
  const earlier = history.sent.map((number) => messages.at(number))
    .filter(({ event }) => event === RELAYED.message);
  // A turn comes before all that is sealed in a step, so that it is in the newest chain.
  const { headerKey } = channel!.ratchet.sending!;
  const numbers = numbersIn(headerKey, [
    ...earlier.map(({ bytes }) => bytes),
    ...emitted(sealed),
  ]);
  demand(
    new Set(numbers).size === numbers.length && numbers.length >= sealed.length,
    "freshness",
    "one message key seals two messages",
  );
}

function checkSecrecy(texts: readonly string[], effects: readonly SessionEffect[]): void {
  const sent = emitted(effects).map((bytes) => bytes.toHex());
  for (const text of texts) {
    const readable = sent.some((hex) => hex.includes(utf8(text).toHex()));
    demand(!readable, "silence", `"${text}" can be read on the wire`);
  }
}

function checkParting({ session, history }: LocalState, effects: readonly SessionEffect[]): void {
  for (const effect of effectsOf(effects, "peer-left")) {
    if (session.channel === null) continue;
    const { clean } = effect;
    const goodbye = history.shown.some((statement) => statement.startsWith("end"));
    demand(clean === goodbye, "parting", `the end counts as ${clean ? "clean" : "cut off"}`);
  }
}

/** Checks that an ended session stays as it is. @throws {Violation} when something moves it */
export async function checkEnd(
  session: Session,
  step: (input: SessionInput) => Promise<Transition>,
): Promise<void> {
  for (const input of ANYTHING) {
    const { session: after, effects } = await step(input);
    const still = effects.length === 0 && after === session;
    demand(still, "failure", `an ended session answers ${input.type}`);
  }
}

/**
 * The real code with something wrong in it, for showing that an exploration finds it. Each breaks one promise.
 */
import { sealBox } from "../../../lib/crypto/secret_box.ts";
import { CONFIRMATION_BYTES } from "../../../lib/protocol/constants.ts";
import { otherRole } from "../../../lib/protocol/key_schedule.ts";
import { advance, type SessionEffect } from "../../../lib/protocol/session.ts";
import type { Statement } from "../../../lib/protocol/statement.ts";
import { encodeConfirmation } from "../../../lib/protocol/wire.ts";
import type { Property } from "./violation.ts";
import { effectsOf } from "../../helpers/session_pair.ts";

/** What is wrong, and which property it violates. */
export interface Sabotage {
  readonly name: string;
  readonly property: Property;
  readonly code: typeof advance;
}

/** Takes any confirmation for the right one. */
const credulous: typeof advance = async (session, input, environment) => {
  const { agreement, exchange } = session.handshake ?? {};
  if (input.type !== "receive" || input.event !== "SECURE_BC" || !agreement || !exchange) {
    return await advance(session, input, environment);
  }
  const { confirmation, sessionId } = agreement.keys;
  const key = confirmation[otherRole(exchange.role)];
  const nobody = new Uint8Array(CONFIRMATION_BYTES);
  const box = await sealBox(key, new Uint8Array(16), sessionId, nobody);
  return await advance(session, { ...input, payload: encodeConfirmation(box) }, environment);
};

/** Shows a message, and does not remember that. */
const forgetful: typeof advance = async (session, input, environment) => {
  const { session: next, effects } = await advance(session, input, environment);
  const shows = effectsOf(effects, "message").length > 0;
  return { session: shows ? session : next, effects };
};

/** Shows what is ahead of its turn. */
const hasty: typeof advance = async (session, input, environment) => {
  const { session: next, effects } = await advance(session, input, environment);
  const early = next.channel?.held.at(-1);
  if (early === undefined || session.channel?.held.includes(early)) {
    return { session: next, effects };
  }
  const statement: Statement = {
    sequence: next.channel!.peer.next,
    seen: 0,
    time: 0,
    kind: "text",
    body: new Uint8Array(),
    previous: new Uint8Array(),
    signature: null,
  };
  const shown: SessionEffect = { type: "message", text: "?", statement, signed: true };
  return { session: next, effects: [...effects, shown] };
};

/** Takes what was said for delivered. */
const boastful: typeof advance = async (session, input, environment) => {
  const { session: next, effects } = await advance(session, input, environment);
  const { channel } = next;
  if (channel === null || effectsOf(effects, "said").length === 0) {
    return { session: next, effects };
  }
  const count = channel.own.next;
  const delivered: SessionEffect = { type: "delivered", count };
  const believing = { ...next, channel: { ...channel, delivered: count } };
  return { session: believing, effects: [...effects, delivered] };
};

/** Says its name again when a check has failed. */
const talkative: typeof advance = async (session, input, environment) => {
  const { session: next, effects } = await advance(session, input, environment);
  const { publicKey } = session.options.identity;
  const failed = effects.some(({ type }) => type === "failed");
  const emit: SessionEffect = { type: "emit", event: "ELGAMAL_PK", payload: publicKey.bytes };
  return { session: next, effects: failed ? [...effects, emit] : effects };
};

/** Never acknowledges anything, and believes that it has. */
const silent: typeof advance = async (session, input, environment) => {
  const { session: next, effects } = await advance(session, input, environment);
  return { session: next, effects: input.type === "idle" ? [] : effects };
};

/** Takes for granted that there is a conversation when a message comes. */
const fragile: typeof advance = (session, input, environment) => {
  const early = session.channel === null && session.phase !== "ended";
  if (early && input.type === "receive" && input.event === "received_message") {
    throw new TypeError("channel is null");
  }
  return advance(session, input, environment);
};

export const SABOTAGES: readonly Sabotage[] = [
  { name: "takes any confirmation", property: "confirmation", code: credulous },
  { name: "forgets what it has shown", property: "conversation", code: forgetful },
  { name: "shows what is ahead of its turn", property: "conversation", code: hasty },
  { name: "takes for delivered what was said", property: "receipts", code: boastful },
  { name: "goes on after a failed check", property: "failure", code: talkative },
  { name: "trips over an early message", property: "totality", code: fragile },
  { name: "keeps its receipts", property: "progress", code: silent },
];

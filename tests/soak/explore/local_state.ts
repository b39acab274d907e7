/** Where one process stands, whatever the others do. */
import type { Session, SessionInput } from "../../../lib/protocol/session.ts";
import type { History } from "./history.ts";
import type { Messages } from "./messages.ts";
import type { Process } from "./process.ts";

export interface LocalState {
  /** Its place among the states of its process. */
  readonly number: number;
  readonly session: Session;
  readonly history: History;
  /** How much of the script is done. */
  readonly done: number;
  /** How many draws the handshake has made. */
  readonly draws: number;
  /** The states that follow, by input; those which nobody asked for are not there yet. */
  readonly next: LocalState[];
}

/** An input, as a number: an act of the process itself, or behind those a message by its number. */
export type Input = number;

/** The inputs that are no messages. */
export const ACTS = {
  /** The relay says `KEY_EXCHANGE`. */
  start: 0,
  /** The person goes on with the script. */
  script: 1,
  /** A moment for receipts. */
  idle: 2,
  /** The relay says `PEER_LEFT`. */
  peerLeft: 3,
  /** The other side had long enough for the handshake. */
  timeout: 4,
} as const;

const ACT_COUNT = Object.keys(ACTS).length;

export function receiving(message: number): Input {
  return ACT_COUNT + message;
}

/** The number of the message that an input hands over, or `null`. */
export function messageOf(input: Input): number | null {
  return input < ACT_COUNT ? null : input - ACT_COUNT;
}

/** What an input is to a session. */
export function sessionInput(
  input: Input,
  process: Process,
  state: LocalState,
  messages: Messages,
): SessionInput {
  switch (input) {
    case ACTS.start:
      return { type: "start" };
    case ACTS.script: {
      // Whoever says something has before him what was shown.
      const seen = state.session.channel!.peer.next;
      const items = process.script[state.done]!;
      return {
        type: "send",
        items: items.map((item) => "text" in item ? { ...item, seen } : item),
      };
    }
    case ACTS.idle:
      return { type: "idle" };
    case ACTS.peerLeft:
      return { type: "peer-left" };
    case ACTS.timeout:
      return { type: "timeout" };
  }
  const { event, bytes } = messages.at(messageOf(input)!);
  return { type: "receive", event, payload: bytes };
}

/** What a process may do of itself in a state. What would change nothing is left out. */
export function actsOf(process: Process, { session, done }: LocalState): Input[] {
  const { phase, channel } = session;
  if (phase === "ended") return [];
  const acts: Input[] = [];
  if (phase === "waiting") acts.push(ACTS.start);
  if (done < process.script.length && channel !== null) acts.push(ACTS.script);
  if (
    process.receipts && channel !== null && channel.sent > 0 &&
    channel.acknowledged < channel.peer.next
  ) {
    acts.push(ACTS.idle);
  }
  return acts;
}

/**
 * A conversation with everything that it needs: what is not given is the real thing, and nothing is kept on disk.
 *
 * @module
 */
import { type After, systemClock } from "./timer.ts";
import { Conversation } from "./conversation/conversation.ts";
import { EventStream } from "./conversation/events.ts";
import {
  type Connect,
  refusalError,
  type RelayAddress,
  type RelayInput,
} from "./conversation/link.ts";
import { makeSeat, relayRoom } from "./conversation/seat.ts";
import type { Bytes } from "./crypto/bytes.ts";
import { SigningKey } from "./crypto/elgamal.ts";
import { mlKem768 } from "./crypto/kem.ts";
import { systemRandom } from "./crypto/random.ts";
import { Delivery, type RecordStore } from "./delivery/delivery.ts";
import { conversationId } from "./delivery/record.ts";
import { type ParleyError, UnreachableError } from "./errors.ts";
import type { SecureFacts, SessionEnvironment } from "./protocol/session.ts";
import { GROUP } from "./protocol/wire.ts";
import { DEFAULT_PORT, DEFAULT_ROOM, NEW_ROOM } from "./relay/wire_events.ts";
import type { Disk } from "./transfer/storage.ts";
import type { Acceptance } from "./transfer/transfers.ts";

/** What {@link openConversation} may be given. */
export interface OpenOptions extends Partial<SessionEnvironment> {
  /** The relay. @default {"http://localhost:5000"} */
  readonly server?: string;
  /** The room. @default {"lobby"} */
  readonly room?: string;
  /** What we call ourselves. @default {""} */
  readonly name?: string;
  /** Signs; its public half is who we are. @default a new one */
  readonly identity?: SigningKey;
  /** The invite code that both have. @default {null} none: compare safety numbers */
  readonly code?: string | null;
  /** Whether nothing is signed that could be shown to others. @default {false} */
  readonly deniable?: boolean;
  /** Decides about a peer before a line goes to it: an error ends the conversation. @default every peer is admitted */
  readonly admit?: (facts: SecureFacts) => ParleyError | null | Promise<ParleyError | null>;
  /** Whether a goodbye is answered by ours at once. @default {false} */
  readonly answersGoodbye?: boolean;
  /** How long a lost connection may take to come back, in milliseconds. @default {null} as long as it takes */
  readonly patience?: number | null;
  /** Where files are, such as `denoDisk("received")`. @default nowhere: none can be sent or accepted */
  readonly disk?: Disk;
  /** What becomes of a file that is offered. @default {"none"} */
  readonly acceptance?: Acceptance;
  /** Keeps what outlives the process. @default {null} memory only */
  readonly store?: RecordStore | null;
  /** What the store has. @default {[]} */
  readonly records?: readonly Bytes[];
  /** Where everything is reported that happens. @default a new stream */
  readonly events?: EventStream;
  /** Starts timers. @default the system's */
  readonly after?: After;
  /** Opens the link. @default {@link relayLink} to the server's room, with a seat of this run */
  readonly connect?: Connect;
}

/** Opens a conversation. Subscribe to its events, and then `connect()` it. */
export async function openConversation(options: OpenOptions = {}): Promise<Conversation> {
  const { server = `http://localhost:${DEFAULT_PORT}`, room = DEFAULT_ROOM } = options;
  const { random = systemRandom, kem = mlKem768, now = systemClock.now } = options;
  const { name = "", deniable = false, code = null } = options;
  const { events = new EventStream(), store = null, records = [] } = options;
  const delivery = new Delivery({
    conversation: await conversationId(server, room),
    random,
    store,
    records,
    warn: ({ code, message }) => events.report({ type: "warning", code, message }),
  });
  return new Conversation({
    ...options,
    address: { server, room },
    handshake: {
      identity: options.identity ?? SigningKey.generate(GROUP, random),
      name,
      deniable,
      code,
    },
    delivery,
    environment: { random, kem, now },
    events,
    after: options.after ?? systemClock.after,
    connect: options.connect ?? await relayLink({ server, room }, makeSeat(random)),
  });
}

/** A room that a relay has allotted. */
export interface AllottedRoom {
  /** Its name. */
  readonly room: string;
  /** Opens the link to it, which stands already. */
  readonly connect: Connect;
}

/** How long a relay may take to allot a room, in milliseconds. */
const ALLOT_TIMEOUT = 10_000;

/**
 * Asks a relay for a room of one's own, and connects to it: `makeInvite` makes its code.
 *
 * @param seat the secret of our seat
 * @throws {UnreachableError} when no relay answers
 * @throws {RelayError} when it refuses
 */
export async function allotRoom(server: string, seat: string): Promise<AllottedRoom> {
  const { connectRelay } = await import("./conversation/socket_link.ts");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const early: RelayInput[] = [];
  let take = (input: RelayInput): void => {
    early.push(input);
    if (input.type === "unreachable") reject(input.error);
    if (input.type === "refusal") reject(refusalError(input.refusal));
  };
  const link = connectRelay({ server, room: NEW_ROOM }, seat, (input) => take(input), resolve);
  const stop = systemClock.after(ALLOT_TIMEOUT, () => {
    reject(
      new UnreachableError(`${server} gives no room: it is no relay of this version of parley`),
    );
  });
  try {
    const room = await promise;
    const connect: Connect = (onInput) => {
      take = onInput;
      // Behind this call: who makes a link has it before the first input comes.
      queueMicrotask(() => early.forEach((input) => onInput(input)));
      return link;
    };
    return { room, connect };
  } catch (error) {
    await link.close();
    throw error;
  } finally {
    stop();
  }
}

/**
 * The link to a relay. Socket.IO is loaded by this call and not before: it takes permission to read the environment,
 * which a program that only verifies transcripts can do without.
 *
 * @param seat the secret of our seat: whoever shows it gets the seat back; `null` asks for none to be kept
 */
export async function relayLink(address: RelayAddress, seat: string | null): Promise<Connect> {
  const { connectRelay } = await import("./conversation/socket_link.ts");
  // A client of the original protocol names its room as ever.
  const room = seat === null ? address.room : await relayRoom(address.room);
  return (onInput) => connectRelay({ ...address, room }, seat, onInput);
}

/**
 * Puts a client together, bottom up: events, delivery, admission, conversation, explainer. The chat or the pipe
 * subscribes, and then it connects.
 *
 * @module
 */
import { ClassicConversation } from "../classic/conversation.ts";
import { ClassicSigningKey } from "../classic/elgamal.ts";
import { type ClassicGroup, classicWarnings } from "../classic/group.ts";
import { Admission } from "../conversation/admission.ts";
import type { Conversation, ConversationOptions } from "../conversation/conversation.ts";
import type { EventStream } from "../conversation/events.ts";
import type { Connect } from "../conversation/link.ts";
import { makeSeat } from "../conversation/seat.ts";
import { Explainer } from "../conversation/explain.ts";
import type { Random } from "../crypto/random.ts";
import { conversationId } from "../delivery/record.ts";
import { allotRoom, openConversation, relayLink } from "../open_conversation.ts";
import { type Invite, makeInvite, parseInvite } from "../protocol/invite.ts";
import { DEFAULT_ROOM } from "../relay/wire_events.ts";
import { denoDisk } from "../transfer/disk.ts";
import type { ClientOptions } from "./client_options.ts";
import type { Identity } from "./identity.ts";
import type { System } from "./system.ts";

/** Folder of received files. */
const RECEIVED_FOLDER = "received";

/** The room in which two clients meet, and their code. */
export interface MeetingPoint {
  /** The room. */
  readonly room: string;
  /** The invite code; `null` without one. */
  readonly code: string | null;
  /** Whether we made the code. */
  readonly isInviter: boolean;
  /** Opens the link, where it stands already; `null` otherwise. */
  readonly connect: Connect | null;
}

/**
 * The meeting point. For an invitation the relay allots it.
 *
 * @param ask asks for the code where none was given
 */
export async function chooseMeetingPoint(
  { server, meeting }: Pick<ClientOptions, "server" | "meeting">,
  random: Random,
  ask: () => Promise<Invite>,
): Promise<MeetingPoint> {
  const others = { isInviter: false, connect: null };
  if (meeting.how === "room") return { room: meeting.room, code: null, ...others };
  if (meeting.how === "join") {
    return { ...(meeting.code === null ? await ask() : parseInvite(meeting.code)), ...others };
  }
  const { room, connect } = await allotRoom(server, makeSeat(random));
  return { ...makeInvite(room, random), isInviter: true, connect };
}

/** A client that is put together. */
export interface Client {
  /** Takes commands. */
  readonly conversation: Conversation;
  /** Takes what the person decides about a key. */
  readonly admission: Admission;
  /** Reports explanations. */
  readonly explainer: Explainer;
  /** Opens the link, and says what the command line says; after all have subscribed. */
  readonly connect: () => void;
}

/** The options in which a chat and a pipe differ. */
export interface Manners extends Pick<ConversationOptions, "answersGoodbye" | "patience"> {
  /** Whether there is a person to ask about a peer. */
  readonly canAsk: boolean;
}

/** Puts a client of parley-1 together. */
export async function openClient(
  options: ClientOptions,
  me: Identity,
  place: MeetingPoint,
  { random, now, after }: System,
  events: EventStream,
  { canAsk, ...manners }: Manners,
): Promise<Client> {
  const { server, deniable, send, acceptance, requireVerified } = options;
  const { room, code, isInviter } = place;
  const { identity, name, keeper, journal } = me;
  const admission = new Admission({ keeper, requireVerified, deniable, canAsk, events });
  const seat = await me.seatIn(await conversationId(server, room));
  const conversation = await openConversation({
    server,
    room,
    identity,
    name,
    deniable,
    code,
    store: journal?.journal,
    records: journal?.records,
    disk: denoDisk(RECEIVED_FOLDER),
    acceptance,
    ...manners,
    random,
    now,
    after,
    events,
    admit: (facts) => admission.admit(facts),
    connect: place.connect ?? await relayLink({ server, room }, seat),
  });
  const explainer = new Explainer(
    options.explain,
    (lines) => events.report({ type: "explain", lines }),
  );
  events.subscribe((event) => explainer.take(event));
  const connect = () => {
    if (isInviter) events.report({ type: "invite", code: code! });
    conversation.connect();
    if (send !== null) conversation.say(send);
  };
  return { conversation, admission, explainer, connect };
}

/** Puts a client of the suite `classic` together, with a key of this run. */
export async function openClassicClient(
  { server, meeting, send }: ClientOptions,
  group: ClassicGroup,
  { random, now, after }: System,
  events: EventStream,
): Promise<Pick<Client, "connect"> & { readonly conversation: ClassicConversation }> {
  const room = meeting.how === "room" ? meeting.room : DEFAULT_ROOM;
  const conversation = new ClassicConversation({
    address: { server, room },
    signingKey: ClassicSigningKey.generate(group, random),
    environment: { random, now },
    after,
    events,
    connect: await relayLink({ server, room }, null),
  });
  const connect = () => {
    for (const message of classicWarnings(group)) {
      events.report({ type: "warning", code: "insecure-suite", message });
    }
    conversation.connect();
    if (send !== null) conversation.say(send);
  };
  return { conversation, connect };
}

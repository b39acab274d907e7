/**
 * Puts a client together, bottom up: identity, events, delivery, admission, conversation, explainer. The chat or the pipe
 * subscribes, and then it connects.
 *
 * @module
 */
import { Admission } from "../conversation/admission.ts";
import type { Conversation, ConversationOptions } from "../conversation/conversation.ts";
import { makeSeat } from "../conversation/seat.ts";
import type { EventStream } from "../conversation/events.ts";
import type { Connect } from "../conversation/link.ts";
import type { Explainer } from "../conversation/explain.ts";
import { SigningKey } from "../crypto/elgamal.ts";
import type { Random } from "../crypto/random.ts";
import { conversationId } from "../delivery/record.ts";
import { once } from "../once.ts";
import { allotRoom, openConversation, relayLink } from "../open_conversation.ts";
import { type Invite, makeInvite, parseInvite } from "../protocol/invite.ts";
import { GROUP } from "../protocol/wire.ts";
import { denoDisk } from "../transfer/disk.ts";
import type { ClientOptions } from "./client_options.ts";
import type { Identity, Person } from "./identity.ts";
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

/** The profile's identity, or a fresh one. @param person to ask; `null` on a pipe */
export async function openIdentity(
  { profile, name }: ClientOptions,
  person: Person | null,
  system: System,
  events: EventStream,
): Promise<Identity> {
  if (profile !== null) {
    const { openProfileIdentity } = await import("./identity.ts");
    return await openProfileIdentity(profile, name, person, system, events);
  }
  const { random } = system;
  return {
    identity: SigningKey.generate(GROUP, random),
    name,
    keeper: null,
    journal: null,
    seatIn: () => Promise.resolve(makeSeat(random)),
  };
}

/** A client that is put together. */
export interface Client {
  /** Takes commands. */
  readonly conversation: Conversation;
  /** Takes what the person decides about a key. */
  readonly admission: Admission;
  /** Gives the explainer, which reports explanations; loaded when somebody wants one. */
  readonly explainer: () => Promise<Explainer>;
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
  const explainer = once(async () => {
    const { Explainer } = await import("../conversation/explain.ts");
    const made = new Explainer(
      options.explain,
      (lines) => events.report({ type: "explain", lines }),
    );
    events.subscribe((event) => made.take(event));
    return made;
  });
  if (options.explain !== "off") await explainer();
  const connect = () => {
    if (isInviter) events.report({ type: "invite", code: code! });
    conversation.connect();
    if (send !== null) conversation.say(send);
  };
  return { conversation, admission, explainer, connect };
}

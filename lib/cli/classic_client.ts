/**
 * A client of the suite `classic`.
 *
 * @module
 */
import { ClassicChat, completeClassicCommand } from "../classic/chat.ts";
import { ClassicConversation } from "../classic/conversation.ts";
import { ClassicSigningKey } from "../classic/elgamal.ts";
import { type ClassicGroup, classicWarnings } from "../classic/group.ts";
import { EventStream } from "../conversation/events.ts";
import type { ExitCode } from "../errors.ts";
import { relayLink } from "../open_conversation.ts";
import { DEFAULT_ROOM } from "../relay/wire_events.ts";
import type { ChatTerminal } from "./chat_terminal.ts";
import type { ClientOptions } from "./client_options.ts";
import type { System } from "./system.ts";
import type { Client } from "./wiring.ts";

/** Puts a client together, with a key of this run. */
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

/** Runs its chat until the person leaves, or an error ends it. */
export async function runClassicChat(
  options: ClientOptions,
  group: ClassicGroup,
  system: System,
  { terminal, completion, look }: ChatTerminal,
): Promise<ExitCode> {
  const events = new EventStream();
  const { conversation, connect } = await openClassicClient(options, group, system, events);
  const chat = new ClassicChat({ ...look, conversation, events });
  completion.complete = completeClassicCommand;
  terminal.beforeExit = () => conversation.close();
  connect();
  return await chat.run();
}

/**
 * The chat of parley-1 in a terminal whose prompt is there already.
 *
 * @module
 */
import { Chat } from "../chat/chat.ts";
import { EventStream } from "../conversation/events.ts";
import { saveTranscript } from "../conversation/transcript_store.ts";
import { type ExitCode, ParleyError, UsageError } from "../errors.ts";
import { completeInvite, type Invite, parseInvite } from "../protocol/invite.ts";
import { asciiText, safeText } from "../safe_text.ts";
import { wrapHanging } from "../terminal/paragraph.ts";
import type { PromptLoop } from "../terminal/prompt.ts";
import type { ChatTerminal } from "./chat_terminal.ts";
import type { ClientOptions } from "./client_options.ts";
import type { Person } from "./identity.ts";
import { mayRead, type System } from "./system.ts";
import { chooseMeetingPoint, openClient, openIdentity } from "./wiring.ts";

/** Runs until the person leaves, or an error ends it. */
export async function runParleyChat(
  options: ClientOptions,
  system: System,
  { terminal, prompt, look, completion }: ChatTerminal,
): Promise<ExitCode> {
  const { ascii, notify, sendFile, profile } = options;
  const events = new EventStream();
  if (profile !== null) prompt.setStatus(`opening profile ${profile.name}`);
  const me = await openIdentity(options, personAt(prompt), system, events);
  prompt.setStatus();
  const place = await chooseMeetingPoint(
    options,
    system.random,
    () => askForInvite(prompt),
  );
  const { conversation, admission, explainer, connect } = await openClient(
    options,
    me,
    place,
    system,
    events,
    { canAsk: true, answersGoodbye: true },
  );
  const chat = new Chat({
    ...look,
    conversation,
    admission,
    safe: ascii ? asciiText : undefined,
    draws: !ascii,
    keepsLines: me.journal !== null,
    clear: () => prompt.clear(),
    alert: () => {
      if (notify === "bell") prompt.ring();
      if (notify === "osc") prompt.notify("parley: something new");
    },
    save: saveTranscript,
    mayRead,
    home: system.env("HOME"),
    toggleExplanations: async () => {
      const explains = await explainer();
      explains.detail = explains.detail === "all" ? "off" : "all";
      return explains.detail === "all";
    },
    sleep: (milliseconds) => new Promise((resolve) => system.after(milliseconds, resolve)),
  });
  completion.complete = (line, cursor) => chat.complete(line, cursor);
  // So that our seat is free at once, for the next client in the room.
  terminal.beforeExit = () => conversation.close();
  connect();
  return await chat.run(sendFile);
}

/** The person at a prompt. */
function personAt(prompt: PromptLoop): Person {
  return {
    ask: (question) => prompt.ask(question, { mask: "*" }),
    confirm: async (question) => /^y(es)?$/i.test((await prompt.ask(question))?.trim() ?? ""),
    tell: (text) => prompt.print(wrapHanging(safeText(text), prompt.columns)),
  };
}

/** Asks until the answer is a code. */
async function askForInvite(prompt: PromptLoop): Promise<Invite> {
  for (;;) {
    const answer = await prompt.ask("invite code: ", {
      completer: (line, cursor) => completeInvite(line.slice(0, cursor)),
    });
    if (answer === undefined) throw new UsageError("no invite code was given");
    try {
      return parseInvite(answer);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      prompt.print(wrapHanging(error.message, prompt.columns));
    }
  }
}

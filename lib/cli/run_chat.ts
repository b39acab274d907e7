/**
 * Runs a client in a terminal.
 *
 * @module
 */
import { Chat } from "../chat/chat.ts";
import { plainPrompt } from "../chat/chat_prompt.ts";
import { completeCommand, mayAskForFile } from "../chat/slash_commands.ts";
import { ClassicChat, completeClassicCommand } from "../classic/chat.ts";
import { EventStream } from "../conversation/events.ts";
import { saveTranscript } from "../conversation/transcript_store.ts";
import { type ExitCode, ParleyError, UsageError } from "../errors.ts";
import { completeInvite, type Invite, parseInvite } from "../protocol/invite.ts";
import { asciiText, safeText } from "../safe_text.ts";
import { wrapHanging } from "../terminal/paragraph.ts";
import { PromptLoop } from "../terminal/prompt.ts";
import { styleLevel, styler } from "../terminal/style.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { ClientOptions } from "./client_options.ts";
import { openIdentity, type Person } from "./identity.ts";
import { mayRead, type System } from "./system.ts";
import { chooseMeetingPoint, openClassicClient, openClient } from "./wiring.ts";

/** The terminal of a chat of either suite. */
interface Surroundings {
  readonly terminal: Terminal;
  readonly prompt: PromptLoop;
  readonly look: Pick<ConstructorParameters<typeof ClassicChat>[0], "prompt" | "style" | "clock">;
}

/** Completes a line on Tab; the chat brings it. */
type Complete = (line: string, cursor: number) => readonly string[];

/** Runs until the person leaves, or an error ends it. */
export async function runChat(options: ClientOptions, system: System): Promise<ExitCode> {
  const { ascii, color, notify, suspend, classic } = options;
  const env = { TERM: system.env("TERM"), NO_COLOR: system.env("NO_COLOR") };
  const completion = { complete: classic === null ? completeCommand : completeClassicCommand };
  const terminal = Terminal.open({ focus: notify !== "off", suspend });
  const prompt = new PromptLoop(terminal, {
    prompt: "> ",
    completer: (line, cursor) => completion.complete(line, cursor),
    holds: classic === null ? mayAskForFile : undefined,
  });
  const look = {
    prompt: ascii ? plainPrompt(prompt) : prompt,
    style: styler(styleLevel(env, true, color)),
    clock: (time: number) => new Date(time).toTimeString().slice(0, 5),
  };
  try {
    const surroundings = { terminal, prompt, look };
    return await (classic === null
      ? runParley(options, system, surroundings, (complete) => completion.complete = complete)
      : runClassic(options, classic, system, surroundings));
  } finally {
    prompt.close();
  }
}

async function runClassic(
  options: ClientOptions,
  group: NonNullable<ClientOptions["classic"]>,
  system: System,
  { terminal, look }: Surroundings,
): Promise<ExitCode> {
  const events = new EventStream();
  const { conversation, connect } = await openClassicClient(options, group, system, events);
  const chat = new ClassicChat({ ...look, conversation, events });
  terminal.beforeExit = () => conversation.close();
  connect();
  return await chat.run();
}

async function runParley(
  options: ClientOptions,
  system: System,
  { terminal, prompt, look }: Surroundings,
  completeWith: (complete: Complete) => void,
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
    mayRead: (path) => mayRead(path, (ask) => prompt.lend(ask)),
    home: system.env("HOME"),
    toggleExplanations: () => {
      explainer.detail = explainer.detail === "all" ? "off" : "all";
      return explainer.detail === "all";
    },
    sleep: (milliseconds) => new Promise((resolve) => system.after(milliseconds, resolve)),
  });
  completeWith((line, cursor) => chat.complete(line, cursor));
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

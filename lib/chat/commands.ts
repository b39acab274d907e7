/**
 * The commands of the chat: name, help, and what each does. A new one is a new entry here.
 *
 * @module
 */
import type { Admission } from "../conversation/admission.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { partName } from "../conversation/transcript_store.ts";
import { utf8 } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import { MAX_NAME_BYTES } from "../protocol/constants.ts";
import type { SecureFacts } from "../protocol/session.ts";
import { safeText } from "../safe_text.ts";
import type { FileAction } from "../transfer/transfer_events.ts";
import type { FileCommands } from "./file_commands.ts";
import { compareLines, keyLines } from "./key_words.ts";
import type { PeerView } from "./peer_view.ts";
import { actionText, quoted } from "./said.ts";

/** The chat, as its commands use it. */
export interface CommandContext {
  /** Takes what the person wants. */
  readonly conversation: Conversation;
  /** The peer as the terminal names it. */
  readonly peer: PeerView;
  /** The commands about files. */
  readonly files: FileCommands;
  /** Takes what the person decides about the peer's key. */
  readonly admission?: Pick<Admission, "accept" | "verify">;
  /** Whether signs and pictures may be shown that a screen reader can't read. */
  readonly draws: boolean;
  /** Says a line, as if it were typed. */
  say(text: string): void;
  /** Why nothing can be said or sent now; `null` when it can. */
  cannotSay(): string | null;
  /** Saves an exported transcript under a name; returns where it is. */
  save(name: string, text: string): Promise<string>;
  /** Clears the screen. */
  clear(): void;
  /** Explains every message from now on, or no longer; returns which. */
  toggleExplanations(): boolean;
  /** Draws the prompt again: something about the peer has changed. */
  showPrompt(): void;
  /** Prints the lines of `/help`. */
  help(): void;
  /** Prints a notice: our words, harmless. */
  notice(text: string): void;
  /** Prints a line of our words, broken between them where the screen is narrow. */
  tell(text: string): void;
  /** Prints a line as it is. */
  print(text: string): void;
  /** Prints what went wrong: our words, harmless. */
  fail(text: string): void;
}

/** A command of the chat. */
export interface ChatCommand {
  /** Without its slash. */
  readonly name: string;
  /** What may follow it. */
  readonly argument: string;
  /** One line for `/help`. */
  readonly help: string;
  /** To be typed whole: Tab does not offer it. */
  readonly isWhole?: true;
  /** Does it. `/exit` is the chat's own. */
  readonly run?: (context: CommandContext, argument: string) => void | Promise<void>;
}

/** A command that acts on one of the files of the list. */
function fileCommand(name: FileAction, help: string): ChatCommand {
  return { name, argument: "[N]", help, run: ({ files }, argument) => files.act(name, argument) };
}

/** All commands, in the order of `/help`. */
export const COMMANDS: readonly ChatCommand[] = [
  {
    name: "verify",
    argument: "[yes]",
    help: "show what to compare with the other side",
    run: verify,
  },
  { name: "who", argument: "", help: "show who is here, and both keys", run: who },
  {
    name: "accept-new-key",
    argument: "",
    help: "go on with somebody known whose key changed",
    isWhole: true,
    run: ({ admission, notice }) => {
      if (admission?.accept("key") !== true) notice("nobody's key has changed");
    },
  },
  {
    name: "accept-signed",
    argument: "",
    help: "go on signed with somebody who is not deniable",
    isWhole: true,
    run: ({ admission, notice }) => {
      if (admission?.accept("signed") !== true) notice("nobody waits for that");
    },
  },
  { name: "send", argument: "FILE", help: "offer a file", run: send },
  fileCommand("accept", "accept a file that is offered"),
  fileCommand("refuse", "do not accept it"),
  fileCommand("pause", "let a file wait, in either direction"),
  fileCommand("resume", "go on with it"),
  fileCommand("cancel", "end a transfer, in either direction"),
  {
    name: "files",
    argument: "",
    help: "list the files, with their numbers",
    run: ({ files }) => files.list(),
  },
  {
    name: "export",
    argument: "NAME",
    help: "save the signed transcript as a file",
    run: exportTranscripts,
  },
  {
    name: "explain",
    argument: "",
    help: "explain every message and ratchet step, or stop",
    run: ({ toggleExplanations, notice }) =>
      notice(
        toggleExplanations()
          ? "every step is explained from now on; /explain ends that"
          : "nothing is explained any more",
      ),
  },
  {
    name: "me",
    argument: "TEXT",
    help: "say what you do: * alice waves",
    run: ({ say, notice }, argument) =>
      argument === "" ? notice("say what you do: /me waves") : say(actionText(argument)),
  },
  { name: "nick", argument: "NAME", help: "your name for the next peer", run: nick },
  {
    name: "clear",
    argument: "",
    help: "clear the screen; Ctrl-L does, too",
    run: ({ clear }) => clear(),
  },
  { name: "help", argument: "", help: "show this", run: ({ help }) => help() },
  { name: "exit", argument: "", help: "leave; so do exit, Ctrl-D and Ctrl-C" },
];

async function verify(context: CommandContext, argument: string): Promise<void> {
  const { peer, admission, draws, notice } = context;
  const { facts, name } = peer;
  if (facts === null) return notice("nobody is here to verify");
  const { peerFingerprint } = facts;
  if (argument !== "yes") {
    peer.compared = peerFingerprint;
    const lines = await compareLines(facts, name, draws);
    return lines.forEach((line) => context.tell(line));
  }
  // Comparing takes a while, and the relay may bring another peer meanwhile.
  if (peer.compared !== null && peer.compared !== peerFingerprint) {
    return notice(`you compared with somebody else than ${name}: /verify again`);
  }
  peer.isVerified = true;
  context.showPrompt();
  const isKept = await admission?.verify(facts) ?? false;
  const until = isKept ? ", and will be next time" : " for this conversation";
  notice(`${name} is marked as verified${until}`);
}

function who({ peer: { facts, name, trust, isAway }, notice, print }: CommandContext): void {
  if (facts === null) return notice("you are alone in the room");
  const where = isAway ? "away, back when the connection is" : "here";
  notice(`${trust}, ${where}: ${name}; messages are ${signing(facts)}`);
  for (const line of keyLines(facts)) print(line);
}

function send({ files, cannotSay, notice }: CommandContext, argument: string): void {
  const reason = cannotSay();
  if (reason !== null) return notice(`not sent: ${reason}`);
  files.send(argument);
}

function nick({ conversation, peer, notice }: CommandContext, name: string): void {
  const bytes = utf8(name).length;
  if (name === "" || bytes > MAX_NAME_BYTES) {
    return notice(`a name has 1 to ${MAX_NAME_BYTES} bytes of UTF-8: /nick NAME`);
  }
  conversation.rename(name);
  const now = peer.facts === null ? "" : `; ${peer.name} goes on calling you as before`;
  notice(`the next peer will read your name as ${quoted(name)}${now}`);
}

async function exportTranscripts(context: CommandContext, name: string): Promise<void> {
  const { conversation, save, notice, fail } = context;
  if (name === "") return notice("name the file: /export NAME");
  try {
    const transcripts = await conversation.exportTranscripts();
    for (const [i, { text, omitted }] of transcripts.entries()) {
      const path = await save(partName(name, i), text);
      const rest = omitted > 0 ? `; ${omitted} newest not signed yet and left out` : "";
      notice(`saved ${path}${rest}. Check it with: deno task verify ${path}`);
    }
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    fail(safeText(error.message));
  }
}

/** Whether messages are signed, in words. */
export function signing({ deniable }: SecureFacts): string {
  return deniable ? "unsigned (deniable)" : "signed";
}

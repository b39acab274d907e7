/**
 * Leaving the conversation: nothing unacknowledged is left behind without a notice or a question.
 *
 * @module
 */
import type { Conversation } from "../conversation/conversation.ts";

/** How long leaving waits for the last receipts, and then for the peer's goodbye, in milliseconds each. */
const GOODBYE_PATIENCE = 3_000;

/** Options of {@link leave}. */
export interface LeavingOptions {
  /** The conversation to leave. */
  readonly conversation: Conversation;
  /** Asks for one line; `undefined` when the person presses Ctrl-C or Ctrl-D instead. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** Prints a notice: our words, harmless. */
  readonly notice: (text: string) => void;
  /** Changes the line below the prompt. */
  readonly setStatus: (status?: string) => void;
  /** How many lines have not arrived. */
  readonly lines: () => number;
  /** How many files are unfinished, and would still arrive. */
  readonly files: () => number;
  /** Whether a changed key is to be decided about: then nothing is sent, a goodbye neither. */
  readonly isHeld: () => boolean;
  /** Whether what is not delivered is kept for the next time. */
  readonly keepsLines: boolean;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Leaves, unless the person stays for what has not arrived. @returns whether they leave */
export async function leave(options: LeavingOptions): Promise<boolean> {
  const { conversation, isHeld, setStatus } = options;
  // No goodbye before the question: after it nothing can be said any more.
  if (conversation.undelivered > 0) await wait(options, () => conversation.undelivered === 0);
  setStatus();
  if (!await mayLeave(options)) return false;
  if (conversation.secure && !isHeld()) conversation.finish();
  // Our goodbye is behind all files: with one that is left behind there is nothing to wait for.
  if (!conversation.files.busy) await wait(options, () => conversation.settled);
  return true;
}

/** Waits a moment for the peer, so that nothing is lost on the way. */
async function wait(options: LeavingOptions, isDone: () => boolean): Promise<void> {
  const { conversation, isHeld, setStatus, sleep } = options;
  if (!conversation.secure || isHeld()) return;
  setStatus("leaving: waiting for the last receipts");
  const done = conversation.until(() => isDone() || !conversation.secure);
  await Promise.race([done, sleep(GOODBYE_PATIENCE)]);
}

/** Whether nothing is lost by leaving, or the person says that it may be. */
async function mayLeave(options: LeavingOptions): Promise<boolean> {
  const { ask, notice, keepsLines } = options;
  const [lines, files] = [options.lines(), options.files()];
  if (lines + files === 0) return true;
  if (lines > 0) {
    const fate = keepsLines ? "is kept in your profile and sent next time" : "is lost";
    notice(`what has not arrived ${fate} if you leave`);
  }
  if (files > 0) {
    const which = files === 1 ? "the file" : "the files";
    notice(
      `if you leave before ${which} ${files === 1 ? "is" : "are"} across, ${
        fateOfFiles(files, keepsLines)
      }`,
    );
  }
  const what = [...counted(lines, "line"), ...counted(files, "file")].join(" and ");
  const are = lines + files === 1 ? "is" : "are";
  const missing = lines === 0 ? "not across" : "not known to have arrived";
  const answer = await ask(`${what} ${are} ${missing}: leave anyway? [y/N] `);
  // Ctrl-C at this question leaves too.
  return answer === undefined || /^y(es)?$/i.test(answer.trim());
}

function counted(count: number, noun: string): string[] {
  if (count === 0) return [];
  return [`${count} ${noun}${count === 1 ? "" : "s"}`];
}

function fateOfFiles(count: number, keepsLines: boolean): string {
  if (keepsLines) return count === 1 ? "it goes on next time" : "they go on next time";
  return count === 1
    ? "it has to be offered again, and goes on where it stopped"
    : "they have to be offered again, and go on where they stopped";
}

/**
 * The sources of a passphrase: a file descriptor, the environment or the keyboard; never the command line, which
 * every process of the machine can read.
 *
 * @module
 */
import { type Bytes, fromUtf8 } from "../crypto/bytes.ts";
import { ProfileError } from "./errors.ts";

/** Fewest characters of a new passphrase. scrypt makes each guess cost a second, and not more than that. */
const MIN_PASSPHRASE_CHARACTERS = 8;

/** Most bytes of a passphrase. */
export const MAX_PASSPHRASE_BYTES = 1024;

/** How often a passphrase may be typed wrong. */
const PASSPHRASE_TRIES = 3;

/** The sources, in the order in which they are asked. */
export interface PassphraseSources {
  /** What a file descriptor holds up to its end, `null` when none was named. */
  readonly descriptor: (() => Promise<Bytes>) | null;
  /** PARLEY_PASSPHRASE. */
  readonly variable: string | undefined;
  /** Asks a person, masked; `null` where there is no terminal. */
  readonly ask: ((question: string) => Promise<string | undefined>) | null;
}

/**
 * The passphrase that is given without asking anybody, or `null`.
 *
 * @throws {ProfileError} `no-passphrase` when what is given can't be one
 */
export async function givenPassphrase(sources: PassphraseSources): Promise<string | null> {
  const { descriptor, variable } = sources;
  if (descriptor !== null) return parsePassphrase(await read(descriptor));
  return variable === undefined || variable === "" ? null : variable;
}

async function read(descriptor: () => Promise<Bytes>): Promise<Bytes> {
  try {
    return await descriptor();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProfileError("no-passphrase", `cannot read the passphrase's descriptor: ${reason}`);
  }
}

/** One line of UTF-8; the end of the line is no part of it. */
function parsePassphrase(bytes: Bytes): string {
  if (bytes.length > MAX_PASSPHRASE_BYTES) throw unfit(`of at most ${MAX_PASSPHRASE_BYTES} bytes`);
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw unfit("of UTF-8");
  }
  const line = text.replace(/\r?\n$/, "");
  if (line === "" || /[\r\n]/.test(line)) throw unfit("that is not empty");
  return line;
}

function unfit(what: string): ProfileError {
  return new ProfileError(
    "no-passphrase",
    `the passphrase's descriptor: expected one line ${what}`,
  );
}

/** The advice where nobody can be asked. */
function nobodyToAsk(): ProfileError {
  return new ProfileError(
    "no-passphrase",
    "the profile needs its passphrase: give it with --passphrase-fd N, or in PARLEY_PASSPHRASE",
  );
}

function declined(): ProfileError {
  return new ProfileError("no-passphrase", "no passphrase was given");
}

/** Opens something with its passphrase; `tell` says that one was wrong, and it may be typed again. */
export async function withPassphrase<T>(
  sources: PassphraseSources,
  question: string,
  open: (passphrase: string) => Promise<T>,
  tell: (text: string) => void,
): Promise<T> {
  const given = await givenPassphrase(sources);
  if (given !== null) return await open(given);
  if (sources.ask === null) throw nobodyToAsk();
  for (let tries = 1;; tries++) {
    const typed = await sources.ask(question);
    if (typed === undefined) throw declined();
    try {
      return await open(typed);
    } catch (error) {
      const isWrong = error instanceof ProfileError && error.code === "wrong-passphrase";
      if (!isWrong || tries === PASSPHRASE_TRIES) throw error;
      tell(error.message);
    }
  }
}

/**
 * A new passphrase; one that is typed is typed twice.
 *
 * @throws {ProfileError} `no-passphrase` when there is none or it is too short
 */
export async function choosePassphrase(
  sources: PassphraseSources,
  tell: (text: string) => void,
): Promise<string> {
  const given = await givenPassphrase(sources);
  if (given !== null) {
    const fault = faultOf(given);
    if (fault !== null) throw new ProfileError("no-passphrase", fault);
    return given;
  }
  if (sources.ask === null) throw nobodyToAsk();
  for (;;) {
    const first = await sources.ask("new passphrase: ");
    if (first === undefined) throw declined();
    const fault = faultOf(first);
    if (fault !== null) {
      tell(fault);
      continue;
    }
    const second = await sources.ask("the same again: ");
    if (second === undefined) throw declined();
    if (second === first) return first;
    tell("these two are not the same");
  }
}

function faultOf(passphrase: string): string | null {
  if ([...passphrase].length >= MIN_PASSPHRASE_CHARACTERS) return null;
  return `a passphrase has at least ${MIN_PASSPHRASE_CHARACTERS} characters; five random words are good`;
}

/**
 * The environment, the streams and the configuration file, as Deno lets this program see them. An edge.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import type { Random } from "../crypto/random.ts";
import { ParleyError, UsageError } from "../errors.ts";
import { profileFolder } from "../profile/folder.ts";
import type { After } from "../timer.ts";
import { shown } from "./options.ts";
import type { Sources } from "./settings.ts";

/** Randomness, clock, timers and environment, which only the program brings. */
export interface System {
  /** Random bytes. */
  readonly random: Random;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Starts a timer. */
  readonly after: After;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
}

/** The sources of a real run. What Deno's permissions hide is not there. */
export function systemSources(): Sources {
  return { env, readFile, file: configurationFile() };
}

/** The usual folder of profiles. */
export function systemProfileFolder(): string {
  return profileFolder({ os: Deno.build.os, env });
}

/** The three streams. */
export const STDIO = {
  /** The input's bytes; nothing is read before they are asked for. */
  get input(): ReadableStream<Uint8Array> {
    return Deno.stdin.readable;
  },
  out: Deno.stdout,
  error: Deno.stderr,
} as const;

/**
 * Writes a line to a stream whole, before anything else happens.
 *
 * @param failed called once when the stream takes nothing more: it is closed (`null`), or the disk behind it is full;
 * what is written afterwards is dropped. Without it nobody is told.
 */
export function lineWriter(
  stream: { writeSync(bytes: Uint8Array): number },
  failed: (error: ParleyError | null) => void = () => {},
): (line: string) => void {
  let isOpen = true;
  return (line) => {
    const bytes = utf8(`${line}\n`);
    try {
      for (let written = 0; isOpen && written < bytes.length;) {
        written += stream.writeSync(bytes.subarray(written));
      }
    } catch (error) {
      isOpen = false;
      failed(error instanceof Deno.errors.BrokenPipe ? null : cannotWrite(error));
    }
  };
}

function cannotWrite(error: unknown): ParleyError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ParleyError("cannot-save", `cannot write the output: ${reason}`);
}

/**
 * Resolves when the user wants a client on a pipe to stop. Where one of its streams is a terminal, that this is closed
 * says so, too. Where none is, `nohup` may have started it, and a listener would undo that.
 */
export function interruption(): Promise<void> {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  if ([Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal())) {
    signals.push("SIGHUP");
  }
  return new Promise((resolve) => {
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

/**
 * Whether Deno lets a file be read. Where the task's permissions do not say, Deno asks, if `lend` can give it the
 * terminal now, and its question is the person's consent.
 */
export function mayRead(path: string, lend: (ask: () => boolean) => boolean | undefined): boolean {
  const permission = { name: "read", path } as const;
  if (Deno.permissions.querySync(permission).state === "granted") return true;
  return lend(() => Deno.permissions.requestSync(permission).state === "granted") ?? false;
}

/** A variable of the environment, where it may be read. */
export function env(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** The configuration file of the platform, where it may be read without asking. */
function configurationFile(): string | null {
  const folder = Deno.build.os === "windows"
    ? env("APPDATA")
    : env("XDG_CONFIG_HOME") || (env("HOME") && `${env("HOME")}/.config`);
  if (!folder) return null;
  const path = `${folder}/parley/config.json`;
  return Deno.permissions.querySync({ name: "read", path }).state === "granted" ? path : null;
}

function readFile(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotCapable) {
      throw new UsageError(
        `cannot read ${shown(path)}: Deno was not given --allow-read for it. ` +
          "Without --config, ~/.config/parley/config.json is read",
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError("cannot-read", `cannot read ${shown(path)}: ${reason}`);
  }
}

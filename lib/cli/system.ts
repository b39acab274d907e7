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

/** A stream that may be a terminal. */
export interface Stream {
  /** Whether it is one. */
  isTerminal(): boolean;
}

/** A stream to write to. */
export interface Output extends Stream {
  /** Writes some of the bytes. Returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/** The three streams. */
export interface Stdio {
  /** The input's bytes; nothing is read before they are asked for. */
  readonly input: Stream & { readonly readable: ReadableStream<Uint8Array> };
  /** For what was said, or events as JSON. */
  readonly out: Output;
  /** For notices. */
  readonly error: Output;
}

/** Randomness, clock, timers, environment and streams, which only the program brings. */
export interface System {
  /** Random bytes. */
  readonly random: Random;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly now: () => number;
  /** Starts a timer. */
  readonly after: After;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** The three streams. */
  readonly stdio: Stdio;
  /** Resolves when the user wants a client on a pipe to stop. */
  readonly interruption: () => Promise<void>;
}

/** The sources of a real run. What Deno's permissions hide is not there. */
export function systemSources(): Sources {
  return { env, readFile, file: configurationFile() };
}

/** The usual folder of profiles. */
export function systemProfileFolder(): string {
  return profileFolder({ os: Deno.build.os, env });
}

/** The streams of this process. */
export const STDIO: Stdio = { input: Deno.stdin, out: Deno.stdout, error: Deno.stderr };

/**
 * Writes a line to a stream whole, before anything else happens.
 *
 * @param failed called once when the stream takes nothing more: it is closed (`null`), or the disk behind it is full;
 * what is written afterwards is dropped. Without it nobody is told.
 */
export function lineWriter(
  stream: Pick<Output, "writeSync">,
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

/** Whether Deno lets a file be read: that is settled when the client starts, and nobody is asked later. */
export function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
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

/**
 * The ledger of the files of one direction: what was given to the sender's client, what that has taken, and what
 * lies with the reader in the end.
 */
import { createHash } from "node:crypto";
import type { Violation } from "./ledger.ts";

/** A file on its way. */
interface Sent {
  readonly sha256: string;
  /** `handed` and `doubt` mean what they do in ledger.ts. `whole`: one of the clients says that it is there. */
  state: "handed" | "doubt" | "taken" | "whole";
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What the report says of one direction. */
export interface FileCounts {
  readonly taken: number;
  /** Those that are with the reader. */
  readonly whole: number;
}

/** The ledger of what one side sends. */
export class FileLedger {
  readonly #files = new Map<string, Sent>();
  readonly #stops: string[] = [];

  /** A file was given to the sender's client, under a name unlike every other. */
  hand(name: string, sha256: string): void {
    this.#files.set(name, { sha256, state: "handed" });
  }

  /** The sender's client has taken a file, or it can't be otherwise, since the reader's client knows of it. */
  taken(name: string): void {
    const file = this.#files.get(name);
    if (file !== undefined && file.state !== "whole") file.state = "taken";
  }

  /** One of the clients says that the reader has it whole, or it was seen there. */
  arrived(name: string): void {
    const file = this.#files.get(name);
    if (file !== undefined) file.state = "whole";
  }

  /**
   * One of the clients says that a file will not arrive. Of one that is in doubt it may: it was not taken.
   *
   * @param why names the file
   */
  stopped(why: string): void {
    const named = [...this.#files].find(([name]) => why.includes(name));
    if (named?.[1].state !== "doubt") this.#stops.push(why);
  }

  /** The sender's process is gone, and everything that it printed was read. */
  senderCrashed(): void {
    for (const file of this.#files.values()) {
      if (file.state === "handed") file.state = "doubt";
    }
  }

  /** The names of those that are to arrive, or to be taken. */
  get waiting(): string[] {
    return [...this.#files].filter(([, { state }]) => state === "handed" || state === "taken")
      .map(([name]) => name);
  }

  /** Takes note of what lies with the reader, since a client may have been killed before it could say so. */
  look(found: ReadonlyMap<string, string>): void {
    for (const [name, file] of this.#files) {
      if (found.get(name) === file.sha256) file.state = "whole";
    }
  }

  /**
   * Everything that is wrong, in the end.
   *
   * @param found the SHA-256 of each file that lies with the reader, by its name
   */
  audit(found: ReadonlyMap<string, string>): Violation[] {
    const wrong = [...this.#stops];
    for (const [name, { sha256, state }] of this.#files) {
      const there = found.get(name);
      if (there === undefined && state !== "doubt") wrong.push(`${name} (${state}) is not there`);
      if (there !== undefined && there !== sha256) wrong.push(`${name} has another content`);
    }
    for (const name of found.keys()) {
      if (name.endsWith(".part")) wrong.push(`${name} was left behind`);
      else if (!this.#files.has(name)) wrong.push(`${name} was never sent under this name`);
    }
    return wrong.map((what) => ({ kind: "file", what }));
  }

  /** For the report. */
  countsOf(found: ReadonlyMap<string, string>): FileCounts {
    this.look(found);
    const files = [...this.#files];
    return {
      taken: files.filter(([, { state }]) => state === "taken" || state === "whole").length,
      whole: files.filter(([name, { sha256 }]) => found.get(name) === sha256).length,
    };
  }
}

/** Every file below a folder, by its path from there, with the SHA-256 of what is in it. */
export async function filesIn(folder: string, prefix = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (!isDirectory) found.set(prefix + name, sha256(await Deno.readFile(path)));
      else for (const entry of await filesIn(path, `${prefix}${name}/`)) found.set(...entry);
    }
  } catch (error) {
    // A client makes the folder with its first file.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}

/**
 * Where exported transcripts go: files in one folder, which is all that the client may write.
 *
 * @module
 */
import { ParleyError } from "../errors.ts";

/** The folder, below the project's. */
const TRANSCRIPT_FOLDER = "transcripts";

const FILE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;

/** The name of one transcript of several: the first has the name itself. */
export function partName(name: string, part: number): string {
  return part === 0 ? name : `${name}-${part + 1}`;
}

/**
 * Saves a transcript for its owner's eyes only. An existing file is never overwritten, and a name can't lead out
 * of the folder.
 *
 * @returns the file's path
 * @throws {ParleyError} `cannot-save`, with what to do
 */
export async function saveTranscript(
  name: string,
  text: string,
  folder = TRANSCRIPT_FOLDER,
): Promise<string> {
  if (!FILE_NAME.test(name)) {
    throw new ParleyError(
      "cannot-save",
      `a transcript's name is 1 to 64 letters, digits, dots, hyphens or underscores, not a path: it goes to ${folder}/`,
    );
  }
  const path = `${folder}/${name}`;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(path, text, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new ParleyError("cannot-save", `${path} exists already: choose another name`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError("cannot-save", `cannot write ${path}: ${reason}`);
  }
  return path;
}

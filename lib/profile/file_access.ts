/**
 * Access to a profile's files: a file is replaced all at once, and a failure has a code and a next step.
 *
 * @module
 */
import type { Bytes } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import { ProfileError } from "./errors.ts";
import type { Files } from "./files.ts";

/**
 * Puts a file in its place: the old bytes or the new ones are there at every moment, also after a crash. Its name is
 * on the disk only after the folder is synced, which is left to the caller.
 */
export async function putInPlace(files: Files, path: string, bytes: Bytes): Promise<void> {
  const draft = `${path}.new`;
  // One that was killed may have left it. Nobody else writes it: the files are locked.
  await files.remove(draft);
  try {
    await files.writeNew(draft, bytes);
    await files.rename(draft, path);
  } catch (error) {
    await files.remove(draft).catch(() => {});
    throw error;
  }
}

/**
 * Gives the failures of reading a code and a next step.
 *
 * @throws {ProfileError} `cannot-read`
 */
export async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw explained(error, "cannot-read", `cannot read ${path}`);
  }
}

/**
 * Gives the failures of writing a code and a next step.
 *
 * @throws {ProfileError} `disk-full`, `cannot-save`
 */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new ProfileError(
        "disk-full",
        `no space is left to write ${path}: the profile is as it was before. Make room and try again`,
      );
    }
    throw explained(error, "cannot-save", `cannot write ${path}`);
  }
}

function explained(error: unknown, code: "cannot-read" | "cannot-save", what: string): unknown {
  if (error instanceof ParleyError || !(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new ProfileError(
      code,
      `${what}: the task lets the client have the folder of profiles only. To move that, set PARLEY_PROFILE_DIR`,
    );
  }
  return new ProfileError(code, `${what}: ${error.message}`);
}

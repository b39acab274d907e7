/**
 * Tests that need a permission are ignored without it, so that plain `deno test` passes and asks nothing:
 * `Deno.test({ name: "...", ignore: !granted("net", "run"), fn })`.
 *
 * @module
 */

import { tmpdir } from "node:os";

/** What a test may need. */
export type Need = "env" | "net" | "read" | "run" | "write" | Deno.PermissionDescriptor;

/**
 * Whether every one of these permissions is there already, without asking for any.
 *
 * @param needs Kinds of permission, or one permission such as `{ name: "env", variable: "TERM" }`.
 * @returns Whether all are granted.
 */
export function granted(...needs: Need[]): boolean {
  return needs.every((need) => {
    const permission = typeof need === "string" ? { name: need } : need;
    return Deno.permissions.querySync(permission).state === "granted";
  });
}

/** Whether a test may start programs, which takes reading this program's path, and talk to them. */
export const canRun: boolean = granted("run", "net", "read");

/** Whether a test may call `tempDir()`. */
export const canWriteTemp: boolean = granted("read") &&
  ["TMPDIR", "TMP", "TEMP"].every((variable) => granted({ name: "env", variable })) &&
  granted({ name: "write", path: tmpdir() });

/** A folder that goes when it is disposed of, with all that is in it. */
export interface TempDir extends AsyncDisposable {
  /** Its path. */
  path: string;
}

/**
 * Makes an empty folder for one test: `await using folder = await tempDir();`
 *
 * It is made in a folder that is named, because only that one is the test's to write.
 *
 * @returns The folder.
 */
export async function tempDir(): Promise<TempDir> {
  const path = await Deno.realPath(await Deno.makeTempDir({ dir: tmpdir(), prefix: "parley-" }));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}

/**
 * Registers a test that takes a while. Bare `deno test`, which has no permission and runs one file after the other,
 * leaves it to `deno task test`.
 */
export function heavyTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore: !granted("read"), fn });
}

/**
 * Holds the committed `deno.lock` to JSR's own hashes. Where the stand-ins are linked, Deno takes JSR's packages
 * out of the file on disk, so what is on disk says nothing, and committing it would take the hashes from
 * everybody else.
 */

import { assert, assertEquals } from "@std/assert";
import { canRun } from "./helpers/permissions.ts";

const ROOT = new URL("../", import.meta.url);

/** Reads a file as it was committed; undefined if there is no git, or no such commit. */
function committed(path: string): string | undefined {
  if (!canRun) return undefined;
  try {
    const git = new Deno.Command("git", {
      args: ["show", `HEAD:${path}`],
      cwd: ROOT,
      stderr: "null",
    });
    const { success, stdout } = git.outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const lockText = committed("deno.lock");
const configText = committed("deno.json");
const lock = JSON.parse(lockText ?? "{}");
const config = JSON.parse(configText ?? "{}");
const ignore = lockText === undefined || configText === undefined;

Deno.test({
  name: "deno.lock, as committed, holds JSR's packages by JSR's hashes",
  ignore,
  fn: () => {
    assertEquals(lock.version, "5");
    assertEquals(lock.jsr, {
      "@std/assert@1.0.19": {
        integrity: "eaada96ee120cb980bc47e040f82814d786fe8162ecc53c91d8df60b8755991e",
        dependencies: ["jsr:@std/internal"],
      },
      "@std/cli@1.0.32": {
        integrity: "188b3a100d6202d64e3f5bd3d799c7fa4f6d77f92cc65eb7f641c1fa0aa92a66",
      },
      "@std/internal@1.0.14": {
        integrity: "291516b3d4c35024d6ffbc0a9df5bf4c64116e05b50012cf846710152d2ffdf7",
      },
    });
    assertEquals(lock.specifiers["jsr:@std/assert@^1.0.19"], "1.0.19");
    assertEquals(lock.specifiers["jsr:@std/cli@^1.0.32"], "1.0.32");
    assertEquals(lock.specifiers["jsr:@std/internal@^1.0.12"], "1.0.14");
  },
});

Deno.test({
  name: "deno.lock, as committed, was not written while the stand-ins were linked",
  ignore,
  fn: () => {
    assertEquals(Object.keys(lock.workspace), ["dependencies"]);
  },
});

Deno.test({
  name: "deno.lock, as committed, holds every package that deno.json imports",
  ignore,
  fn: () => {
    const imported = Object.values<string>(config.imports).map(withoutVersion).sort();
    assert(imported.length > 0);
    assertEquals(lock.workspace.dependencies.map(withoutVersion).sort(), imported);
    const locked = Object.keys(lock.specifiers).map(withoutVersion);
    assertEquals(imported.filter((name) => !locked.includes(name)), []);
  },
});

/** `npm:fast-check` of `npm:fast-check@^4`: Deno may write a range in another way. */
function withoutVersion(specifier: string): string {
  return specifier.slice(0, specifier.lastIndexOf("@"));
}

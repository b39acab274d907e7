/** What `tools/prepare.ts` does where JSR does not answer. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { canRun, canWriteTemp } from "./helpers/permissions.ts";
import { type Registry, serveRegistry, serveSilence } from "./helpers/registry.ts";
import { TinyProject } from "./helpers/tiny_project.ts";

const ignore = !canRun || !canWriteTemp;

/** All that prepare says, and only when it links. */
const NOTICE = /^parley: cannot reach jsr\.io,.*\.std\n$/;

/** An address at which nothing listens any more. */
async function deadRegistry(): Promise<string> {
  await using registry = await serveRegistry([]);
  return registry.url;
}

/** Asserts that the stand-ins are linked, all of them, and nothing is left over. */
async function assertLinked(project: TinyProject): Promise<void> {
  assertEquals(await project.linked(), await project.standIns());
}

async function assertRuns(project: TinyProject): Promise<void> {
  const { code, stdout, stderr } = await project.deno("run", "--quiet", "main.ts");
  assertEquals([code, stdout, stderr], [0, "both packages work\n", ""]);
}

Deno.test({
  name: "prepare links the stand-ins when JSR is dead, and says so on stderr alone",
  ignore,
  fn: async () => {
    await using project = await TinyProject.create(await deadRegistry());
    const { code, stdout, stderr } = await project.prepare();
    assertEquals([code, stdout], [0, ""]);
    assertMatch(stderr, NOTICE);
    await assertLinked(project);
    await assertRuns(project);
    const test = await project.deno("test");
    assertEquals(test.code, 0, test.stderr);
  },
});

Deno.test({
  name: "nothing resolves when JSR is dead and prepare has not run",
  ignore,
  fn: async () => {
    await using project = await TinyProject.create(await deadRegistry());
    assertNotEquals((await project.deno("run", "main.ts")).code, 0);
  },
});

Deno.test({
  name: "prepare links the stand-ins when JSR has none of the packages",
  ignore,
  fn: async () => {
    await using registry = await serveRegistry([]);
    await using project = await TinyProject.create(registry.url);
    assertMatch((await project.prepare()).stderr, NOTICE);
    await assertLinked(project);
  },
});

Deno.test({
  name: "prepare does not wait for a JSR that never answers",
  ignore,
  fn: async () => {
    await using registry: Registry = serveSilence();
    await using project = await TinyProject.create(registry.url);
    assertMatch((await project.prepare()).stderr, NOTICE);
    assert(registry.requests.length > 0);
    await assertRuns(project);
  },
});

Deno.test({
  name: "prepare asks and changes nothing when the stand-ins are linked",
  ignore,
  fn: async () => {
    await using registry: Registry = serveSilence();
    await using project = await TinyProject.create(registry.url);
    await project.prepare();
    const asked = registry.requests.length;
    const before = await project.linkedAt();
    assertEquals(await project.prepare(), { code: 0, stdout: "", stderr: "" });
    assertEquals(registry.requests.length, asked);
    assertEquals(await project.linkedAt(), before);
  },
});

Deno.test({
  name: "prepare refreshes a linked stand-in that has changed, and is silent about it",
  ignore,
  fn: async () => {
    await using project = await TinyProject.create(await deadRegistry());
    await project.prepare();
    await project.write("tools/std/assert/mod.ts", "export {}; // changed\n");
    await project.write("tools/std/cli/added.ts", "export {};\n");
    assertEquals(await project.prepare(), { code: 0, stdout: "", stderr: "" });
    await assertLinked(project);
  },
});

Deno.test({
  name: "prepare completes a link that was interrupted",
  ignore,
  fn: async () => {
    await using project = await TinyProject.create(await deadRegistry());
    await project.prepare();
    await project.remove(".std/cli/deno.json");
    await project.remove(".std/assert/mod.ts");
    assertEquals(await project.prepare(), { code: 0, stdout: "", stderr: "" });
    await assertLinked(project);
    await assertRuns(project);
  },
});

Deno.test({
  name: "prepare can run many times at once",
  ignore,
  fn: async () => {
    await using project = await TinyProject.create(await deadRegistry());
    const endings = await Promise.all(Array.from({ length: 8 }, async () => {
      const { code } = await project.prepare();
      const { stdout } = await project.deno("run", "--quiet", "main.ts");
      return [code, stdout];
    }));
    assertEquals(endings, Array.from({ length: 8 }, () => [0, "both packages work\n"]));
    await assertLinked(project);
  },
});

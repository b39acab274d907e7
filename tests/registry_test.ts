/**
 * What happens where JSR answers. Machines that build parley may not reach it, so a registry on this
 * machine serves the stand-ins under the packages' real names and versions.
 */

import { assertEquals } from "@std/assert";
import { canRun, canWriteTemp } from "./helpers/permissions.ts";
import { type Package, readPackage, type Registry, serveRegistry } from "./helpers/registry.ts";
import { TinyProject } from "./helpers/tiny_project.ts";

const ignore = !canRun || !canWriteTemp;

const STAND_INS = new URL("../tools/std/", import.meta.url);

function standIns(): Promise<Package[]> {
  return Promise.all(["assert/", "cli/"].map((name) => readPackage(new URL(name, STAND_INS))));
}

async function withRegistry(
  test: (project: TinyProject, registry: Registry) => Promise<void>,
): Promise<void> {
  await using registry = await serveRegistry(await standIns());
  await using project = await TinyProject.create(registry.url);
  await test(project, registry);
}

/** Asserts that the project's script runs, and that it needs no link for that. */
async function assertRunsUnlinked(project: TinyProject): Promise<void> {
  const { code, stdout, stderr } = await project.deno("run", "--quiet", "main.ts");
  assertEquals([code, stdout, stderr], [0, "both packages work\n", ""]);
  assertEquals(await project.linked(), new Map());
}

/** Asserts that prepare has nothing to do and nothing to say: out of patience with JSR it would link. */
async function assertIdle(project: TinyProject): Promise<void> {
  assertEquals(await project.prepare(), { code: 0, stdout: "", stderr: "" });
  assertEquals(await project.linked(), new Map());
}

Deno.test({
  name: "both packages come from JSR when it answers",
  ignore,
  fn: () =>
    withRegistry(async (project, registry) => {
      await assertRunsUnlinked(project);
      assertEquals(registry.requests.includes("/@std/assert/1.0.19/mod.ts"), true);
      assertEquals(registry.requests.includes("/@std/cli/1.0.32/parse_args.ts"), true);
    }),
});

Deno.test({
  name: "prepare does nothing when JSR answers",
  ignore,
  fn: () =>
    withRegistry(async (project) => {
      await assertIdle(project);
      await assertRunsUnlinked(project);
    }),
});

Deno.test({
  name: "prepare does nothing when the packages are cached, though JSR is gone",
  ignore,
  fn: async () => {
    const registry = await serveRegistry(await standIns());
    await using project = await TinyProject.create(registry.url);
    await assertRunsUnlinked(project);
    await registry[Symbol.asyncDispose]();
    await assertIdle(project);
    await assertRunsUnlinked(project);
  },
});

Deno.test({
  name: "prepare leaves a lock file that Deno wrote as it is",
  ignore,
  fn: () =>
    withRegistry(async (project) => {
      await assertRunsUnlinked(project);
      const lock = await project.read("deno.lock");
      await assertIdle(project);
      assertEquals(await project.read("deno.lock"), lock);
    }),
});

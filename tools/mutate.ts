/**
 * `deno task mutate [TEXT]`: takes each check of the protocol away, one at a time and in a copy of the project,
 * and runs the tests that hold it. Prints a line for each: which test caught it, or that none did.
 *
 * With TEXT, only the checks whose line holds it. Exit code 1 when a check can be taken away unnoticed.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { type Mutation, MUTATIONS } from "./mutations.ts";

/** A test run that takes longer than this hangs, and a test that hangs has noticed, too. */
const TIMEOUT_SECONDS = 120;

/** What the tests need of the project. */
const COPIED = ["lib", "tests", "tools", "deno.json", ".std"];

const ROOT = new URL("..", import.meta.url);

/** What came of a run of tests. */
type Outcome =
  | { readonly type: "passed" }
  | { readonly type: "caught"; readonly by: string }
  | { readonly type: "broken"; readonly output: string };

/** Copies a file, or a folder with all that is in it. */
async function copy(from: URL, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await copy(new URL(encodeURIComponent(name), `${from.href}/`), `${to}/${name}`);
  }
}

/** A copy of the project to spoil. */
async function makeCopy(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for (const name of COPIED) {
    try {
      await copy(new URL(name, ROOT), `${folder}/${name}`);
    } catch (error) {
      // There are no stand-ins where JSR can be reached.
      if (!(error instanceof Deno.errors.NotFound && name === ".std")) throw error;
    }
  }
}

/** Runs tests in a copy, up to the first that fails. */
async function runTests(folder: string, tests: readonly string[]): Promise<Outcome> {
  const files = tests.map((test) => `tests/${test}_test.ts`);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--no-lock", "--no-prompt", "--fail-fast", ...files],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(1000 * TIMEOUT_SECONDS),
  });
  const { success, signal, stdout, stderr } = await command.output();
  if (success) return { type: "passed" };
  if (signal !== null) return { type: "caught", by: `no end within ${TIMEOUT_SECONDS} s` };
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const failed = output.match(/^(.+?) \.\.\. FAILED/m) ??
    output.match(/^(.+ \(uncaught error\))$/m);
  if (failed !== null) return { type: "caught", by: failed[1]!.trim() };
  return { type: "broken", output };
}

/** Takes a check away, runs its tests, and puts it back. */
async function tryMutation(folder: string, mutation: Mutation): Promise<Outcome> {
  const path = `${folder}/lib/${mutation.file}`;
  const genuine = await Deno.readTextFile(path);
  const parts = genuine.split(mutation.from);
  if (parts.length !== 2) {
    const output = `${parts.length - 1} times in lib/${mutation.file}: ${mutation.from}`;
    return { type: "broken", output };
  }
  await Deno.writeTextFile(path, parts.join(mutation.to));
  try {
    return await runTests(folder, mutation.tests);
  } finally {
    await Deno.writeTextFile(path, genuine);
  }
}

/** The line for one mutation; more where something has to be done. */
function lineOf({ check }: Mutation, outcome: Outcome): string {
  switch (outcome.type) {
    case "caught":
      return `${check} — ${outcome.by}`;
    case "passed":
      return `${check} — SURVIVED`;
    case "broken":
      return `${check} — BROKEN: ${outcome.output}`;
  }
}

async function main(filter: string): Promise<number> {
  const chosen = MUTATIONS.filter(({ check, file }) => `${check} ${file}`.includes(filter));
  if (chosen.length === 0) {
    console.log(`No check has "${filter}" in its line`);
    return 1;
  }
  const folder = await Deno.makeTempDir({ dir: tmpdir(), prefix: "parley-mutate-" });
  try {
    const workers = Array.from(
      { length: Math.min(navigator.hardwareConcurrency, chosen.length) },
      (_, i) => `${folder}/${i}`,
    );
    for (const worker of workers) await makeCopy(worker);
    const tests = [...new Set(chosen.flatMap(({ tests }) => tests))];
    const baseline = await runTests(workers[0]!, tests);
    if (baseline.type !== "passed") {
      console.log(`The tests fail with every check in place: ${JSON.stringify(baseline)}`);
      return 1;
    }
    const outcomes = new Map<Mutation, Outcome>();
    const queue = [...chosen];
    await Promise.all(workers.map(async (worker) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const outcome = await tryMutation(worker, next);
        outcomes.set(next, outcome);
        console.log(lineOf(next, outcome));
      }
    }));
    const caught = [...outcomes.values()].filter(({ type }) => type === "caught").length;
    console.log(`${caught} of ${chosen.length} caught`);
    return caught === chosen.length ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args.join(" ")));

/**
 * `deno task mutate`: changes lib/ in one place at a time, in a copy of the project, and runs the tests that reach
 * that place. One of them has to fail.
 */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { type Arguments, type Command, integerOf, textOf } from "../../../lib/cli/options.ts";
import { runCommand } from "../../../lib/cli/run.ts";
import { EXIT, type ExitCode, UsageError } from "../../../lib/errors.ts";
import { excludes, EXCLUSIONS } from "./exclusions.ts";
import { changesCode, describe, type Mutant, mutantsOf } from "./mutant.ts";
import { ProjectCopy } from "./project_copy.ts";
import { report, type Result } from "./report.ts";
import { sample } from "./sample.ts";
import { compile, parse, variadicIn } from "./syntax.ts";
import { importGraph, TestSelection } from "./test_selection.ts";
import { Baseline, tryMutant } from "./trial.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The project's TypeScript files and deno.json, by path, in order. */
async function readProject(folder = ""): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = folder + name;
    if (isDirectory) {
      for (const [inner, text] of await readProject(`${path}/`)) texts.set(inner, text);
    } else if (name.endsWith(".ts") || path === "deno.json") {
      texts.set(path, await Deno.readTextFile(ROOT + path));
    }
  }
  return new Map([...texts].sort(([a], [b]) => a < b ? -1 : 1));
}

/** The mutants to try: of `path` and what lies below it, `count` of each folder. */
function choose(
  texts: ReadonlyMap<string, string>,
  path: string,
  count: number,
  seed: number,
): Mutant[] {
  const files = [...texts].filter(([file]) => file.startsWith("lib/"));
  const variadic = new Set(files.flatMap(([file, text]) => variadicIn(parse(file, text))));
  const chosen = files.filter(([file]) => file === path || file.startsWith(`${path}/`));
  const mutants = chosen.flatMap(([file, text]) => mutantsOf(file, text, variadic));
  const compiled = new Map(chosen.map(([file, text]) => [file, compile(text)]));
  return sample(
    mutants,
    count,
    seed,
    (mutant) =>
      !EXCLUSIONS.some((exclusion) => excludes(exclusion, mutant)) &&
      changesCode(texts.get(mutant.file)!, compiled.get(mutant.file)!, mutant),
  );
}

/** Tries all mutants, as many at a time as there are processors. */
async function tryAll(
  mutants: readonly Mutant[],
  selection: TestSelection,
  folder: string,
  stop: AbortSignal,
): Promise<Result[]> {
  const queue = [...mutants];
  const results: Result[] = [];
  const baseline = new Baseline(console.log);
  const work = async (_: unknown, worker: number) => {
    const copy = await ProjectCopy.make(ROOT, `${folder}/${worker}`, stop);
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const tests = selection.testsFor(mutant.file);
      const verdict = await tryMutant(mutant, tests, copy, baseline);
      results.push({ mutant, verdict });
      const by = verdict.type === "caught" ? `caught by ${verdict.by}` : verdict.type;
      console.log(`${results.length}/${mutants.length} ${describe(mutant)} -- ${by}`);
    }
  };
  const workers = Array.from({ length: navigator.hardwareConcurrency }, work);
  // All of them end before the folder goes, also when one fails.
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}

const COMMAND: Command = {
  name: "deno task mutate",
  summary: "Changes lib/ in one place at a time: some test has to fail.",
  operands: { usage: "[PATH]", forms: [["PATH", "a file or a folder of lib/; all of it without"]] },
  options: [
    { name: "sample", value: "N", help: "try at most N mutants of each folder" },
    { name: "seed", value: "S", help: "which of them", default: "1" },
    { name: "list", help: "show the mutants and try none" },
  ],
  exits: [
    [EXIT.ok, "enough mutants were caught in each folder"],
    [EXIT.failed, "too many survived"],
    [EXIT.usage, "wrong usage"],
  ],
  examples: ["lib/crypto/elgamal.ts", "--sample 60 --seed 7"],
};

const MOST = 1e15 - 1;

async function run(said: Arguments): Promise<ExitCode> {
  const path = (textOf(said, "PATH") ?? "lib").replace(/\/+$/, "");
  const texts = await readProject();
  const count = integerOf(said, "sample", 1, MOST) ?? Infinity;
  const mutants = choose(texts, path, count, integerOf(said, "seed", 0, MOST) ?? 1);
  if (mutants.length === 0) {
    throw new UsageError(`nothing to mutate in ${path}: expected a file or a folder of lib/`);
  }
  if (said.list) {
    for (const mutant of mutants) console.log(describe(mutant));
    return EXIT.ok;
  }
  const stop = interruption();
  const folder = await Deno.makeTempDir({ dir: tmpdir(), prefix: "parley-mutate-" });
  try {
    const selection = new TestSelection(importGraph(texts));
    const { lines, good } = report(await tryAll(mutants, selection, folder, stop));
    for (const line of lines) console.log(line);
    return good ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (stop.aborted) return EXIT.failed;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Ends when the user wants it to: what a mutant's tests have started has to end, too. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => controller.abort(new Error("interrupted")));
  }
  return controller.signal;
}

if (import.meta.main) Deno.exit(await runCommand(COMMAND, Deno.args, run));

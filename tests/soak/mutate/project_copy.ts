/** A copy of the project, in which a mutant's tests run. */
import { type Mutant, mutate } from "./mutant.ts";

/** Whether some tests passed, or what noticed. */
export type Outcome =
  | { readonly type: "passed" }
  | { readonly type: "caught"; readonly by: string };

/** How long the compiler may take, in milliseconds. */
const CHECK_LIMIT = 300_000;

export class ProjectCopy {
  readonly #folder: string;
  readonly #stop: AbortSignal;

  private constructor(folder: string, stop: AbortSignal) {
    this.#folder = folder;
    this.#stop = stop;
  }

  /** Copies the project at `root`: all but what is hidden, and the stand-ins for std. `stop` ends what runs. */
  static async make(root: string, folder: string, stop: AbortSignal): Promise<ProjectCopy> {
    await copyFolder(root, `${folder}/project`, (name) => !name.startsWith(".") || name === ".std");
    await Deno.mkdir(`${folder}/tmp`);
    return new ProjectCopy(folder, stop);
  }

  /** Calls `action` while a mutant stands in the place of its file. */
  async withMutant<T>(mutant: Mutant, action: () => Promise<T>): Promise<T> {
    const path = `${this.#folder}/project/${mutant.file}`;
    const genuine = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, mutate(genuine, mutant));
    try {
      return await action();
    } finally {
      await Deno.writeTextFile(path, genuine);
    }
  }

  async typesHold(file: string): Promise<boolean> {
    const { code } = await this.#deno(["check", "--quiet", "--no-lock", file], CHECK_LIMIT);
    return code === 0;
  }

  /** Runs test files in order, up to the first test that fails, for so many milliseconds at most. */
  async runTests(tests: readonly string[], limit: number): Promise<Outcome> {
    const tmp = `${this.#folder}/tmp`;
    const { code, output } = await this.#deno([
      ...["test", "--no-check", "--no-lock", "--fail-fast", "--no-prompt"],
      // What the task `test` grants.
      ...["--allow-net", "--allow-run", "--allow-read", `--allow-write=${tmp}`],
      ...["--ignore-env", "--allow-env=PARLEY_*,TMPDIR,TMP,TEMP"],
      ...tests,
    ], limit);
    if (code === 0) return { type: "passed" };
    if (code === null) return { type: "caught", by: "time" };
    const failed = output.match(/^(.+?) \.\.\. FAILED/m) ??
      output.match(/^(.+ \(uncaught error\))$/m) ?? output.match(/^(error: .+)$/m);
    return { type: "caught", by: failed?.[1]?.trim() ?? `exit code ${code}` };
  }

  /** Runs deno in the copy; the code is `null` where it had to be killed. */
  async #deno(
    args: readonly string[],
    limit: number,
  ): Promise<{ code: number | null; output: string }> {
    this.#stop.throwIfAborted();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: `${this.#folder}/project`,
      env: { NO_COLOR: "1", TMPDIR: `${this.#folder}/tmp` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    const end = AbortSignal.any([this.#stop, AbortSignal.timeout(limit)]);
    end.addEventListener("abort", () => killGroup(child.pid));
    const { code, stdout, stderr } = await child.output();
    this.#stop.throwIfAborted();
    const killed = end.aborted;
    killGroup(child.pid);
    const decoder = new TextDecoder();
    return { code: killed ? null : code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }
}

/** Ends a process and whatever it has started, as far as they still run. */
function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Copies what a folder holds, as far as the names at its top are `wanted`. */
async function copyFolder(
  from: string,
  to: string,
  wanted: (name: string) => boolean,
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (!wanted(name)) continue;
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`, () => true);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

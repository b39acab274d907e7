/**
 * A copy of the project, in which a mutant's tests run.
 *
 * @module
 */
import { type Mutant, mutate } from "./mutant.ts";

/** Whether some tests passed, or what noticed. */
export type Outcome =
  | { readonly type: "passed" }
  | { readonly type: "caught"; readonly by: string };

/** A copy of the project in a folder. */
export class ProjectCopy {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Copies the project at `root` into a new folder: all but what is hidden, and the stand-ins for std. */
  static async make(root: string, folder: string): Promise<ProjectCopy> {
    await copyFolder(root, `${folder}/project`, (name) => !name.startsWith(".") || name === ".std");
    await Deno.mkdir(`${folder}/tmp`);
    return new ProjectCopy(folder);
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

  /** Whether a file's types hold. */
  async typesHold(file: string): Promise<boolean> {
    const { code } = await this.#deno(["check", "--quiet", "--no-lock", file], Infinity);
    return code === 0;
  }

  /**
   * Runs test files in order, up to the first test that fails.
   *
   * @param tests their paths
   * @param limit after how many milliseconds they are taken to hang
   */
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
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: `${this.#folder}/project`,
      env: { NO_COLOR: "1", TMPDIR: `${this.#folder}/tmp` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    let killed = false;
    const timer = limit === Infinity ? undefined : setTimeout(() => {
      killed = true;
      // The whole group: a test may have started programs.
      Deno.kill(-child.pid, "SIGKILL");
    }, limit);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const decoder = new TextDecoder();
    return { code: killed ? null : code, output: decoder.decode(stdout) + decoder.decode(stderr) };
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

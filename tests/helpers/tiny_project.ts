/**
 * A project as small as can be, in a folder of its own, that takes `@std` as parley does: parley's own
 * links, imports from JSR, stand-ins and `prepare`, a cache of its own, and whatever JSR it is told.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TempDir, tempDir } from "./permissions.ts";

const PARLEY = fileURLToPath(new URL("../../", import.meta.url));

/** What the project runs: it uses one function of each package. */
const SCRIPT = `import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
const { port } = parseArgs(["--port=5000"], {
  string: ["port"],
  boolean: [],
  collect: ["port"],
  unknown: (arg: string) => arg,
});
assertEquals(port, ["5000"]);
console.log("both packages work");
`;

/** What `deno test` finds. */
const TEST = `Deno.test("main", async () => void await import("./main.ts"));
`;

/** After how many milliseconds a program is taken to hang, and killed. */
const PATIENCE = 60_000;

/** How a program ended. */
export interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

/** The project; it goes when it is disposed of. */
export class TinyProject implements AsyncDisposable {
  readonly #folder: TempDir;
  readonly #jsrUrl: string;

  private constructor(folder: TempDir, jsrUrl: string) {
    this.#folder = folder;
    this.#jsrUrl = jsrUrl;
  }

  /** Makes a project in which nothing is cached and nothing is linked. */
  static async create(jsrUrl: string): Promise<TinyProject> {
    const project = new TinyProject(await tempDir(), jsrUrl);
    const { links, tasks, imports } = JSON.parse(
      await Deno.readTextFile(join(PARLEY, "deno.json")),
    );
    const fromJsr = Object.entries<string>(imports).filter(([, target]) =>
      target.startsWith("jsr:")
    );
    const config = {
      links,
      tasks: { prepare: tasks.prepare },
      imports: Object.fromEntries(fromJsr),
    };
    await project.write("deno.json", JSON.stringify(config));
    await project.write("main.ts", SCRIPT);
    await project.write("main_test.ts", TEST);
    await project.write(
      "tools/prepare.ts",
      await Deno.readTextFile(join(PARLEY, "tools/prepare.ts")),
    );
    for (const [name, text] of await filesIn(join(PARLEY, "tools/std"))) {
      await project.write(`tools/std/${name}`, text);
    }
    return project;
  }

  /** Runs this very Deno in the project's folder, with nothing on stdin. */
  async deno(...args: string[]): Promise<Ending> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.#folder.path,
      env: {
        DENO_DIR: join(this.#folder.path, ".cache"),
        JSR_URL: this.#jsrUrl,
        NO_COLOR: "1",
        NO_PROXY: "127.0.0.1",
      },
      stdin: "null",
      signal: AbortSignal.timeout(PATIENCE),
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs the task `prepare`, with the permissions that parley's deno.json gives it. */
  async prepare(): Promise<Ending> {
    const ending = await this.deno("task", "prepare");
    return { ...ending, stderr: ending.stderr.replace(/^Task prepare .*\n/, "") };
  }

  /** Reads what is linked. */
  linked(): Promise<Map<string, string>> {
    return filesIn(join(this.#folder.path, ".std"));
  }

  /** Reads what is there to be linked. */
  standIns(): Promise<Map<string, string>> {
    return filesIn(join(this.#folder.path, "tools/std"));
  }

  /** The time when each linked file was put in its place. */
  async linkedAt(): Promise<number[]> {
    const names = [...(await this.linked()).keys()];
    const files = names.map((name) => Deno.stat(join(this.#folder.path, ".std", name)));
    return (await Promise.all(files)).map((file) => file.ctime?.getTime() ?? NaN);
  }

  /** Reads a file. */
  read(name: string): Promise<string> {
    return Deno.readTextFile(join(this.#folder.path, name));
  }

  /** Writes a file, and the folders that it is in. */
  async write(name: string, text: string): Promise<void> {
    const path = join(this.#folder.path, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }

  /** Removes a file or a folder. */
  async remove(name: string): Promise<void> {
    await Deno.remove(join(this.#folder.path, name), { recursive: true });
  }

  /** Removes the project. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Every file in a folder and its folders, hidden ones too; empty if there is no such folder. */
async function filesIn(folder: string, prefix = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isFile) files.set(name, await Deno.readTextFile(path));
    else for (const [inner, text] of await filesIn(path, `${name}/`)) files.set(inner, text);
  }
  return new Map([...files].sort());
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

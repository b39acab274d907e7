/**
 * What `tools/prepare.ts` does where JSR does not answer, and where it does. Machines that build parley may not reach
 * it, so a registry on this machine serves the stand-ins under the packages' real names and versions.
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import configuration from "../deno.json" with { type: "json" };
import { canRun, canWriteTemp, tempDir } from "./helpers/permissions.ts";

const TOOLS = fileURLToPath(new URL("../tools", import.meta.url));

/** All that prepare says, and only when it links. */
const NOTICE = /^parley: cannot reach jsr\.io,.*\.std\n$/;
const SILENT = { code: 0, stdout: "", stderr: "" };

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
const RUNS = { code: 0, stdout: "both packages work\n", stderr: "" };

/** A JSR that listens on this machine, and the path of every request so far. */
function serve(answer: (path: string) => Response | Promise<Response>) {
  const requests: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const stop = new AbortController();
  const server = Deno.serve({ ...options, signal: stop.signal }, (request) => {
    const { pathname } = new URL(request.url);
    requests.push(pathname);
    return answer(pathname);
  });
  const close = () => {
    stop.abort();
    return server.finished;
  };
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return { url, requests, close, [Symbol.asyncDispose]: close };
}

/** Everything that JSR answers about the stand-ins, by its path. */
async function published(): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (const folder of ["assert", "cli"]) {
    const files = await filesIn(join(TOOLS, "std", folder));
    const { name, version, exports } = JSON.parse(files.get("deno.json")!);
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const [file, text] of files) {
      const bytes = new TextEncoder().encode(text);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      manifest[`/${file}`] = { size: bytes.length, checksum: `sha256-${digest.toHex()}` };
      answers.set(`/${name}/${version}/${file}`, text);
    }
    const all = typeof exports === "string" ? { ".": exports } : exports;
    answers.set(`/${name}/meta.json`, JSON.stringify({ versions: { [version]: {} } }));
    answers.set(`/${name}/${version}_meta.json`, JSON.stringify({ manifest, exports: all }));
  }
  return answers;
}

/** Every file in a folder and its folders, hidden ones too; empty if there is no such folder. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(folder, options).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name)).sort();
  const files = paths.map(async (path) =>
    [path.slice(folder.length + 1), await Deno.readTextFile(path)] as const
  );
  return new Map(await Promise.all(files));
}

/**
 * A project as small as can be, in a folder of its own, that takes `@std` as parley does: parley's own links, imports
 * from JSR, stand-ins and `prepare`, a cache of its own, and whatever JSR it is told.
 */
class Project {
  constructor(readonly folder: string, readonly jsrUrl: string) {}

  /** Makes the files; nothing is cached and nothing is linked. */
  async write(): Promise<void> {
    const { links, tasks: { prepare }, imports } = configuration;
    const fromJsr = Object.entries(imports).filter(([, target]) => target.startsWith("jsr:"));
    const config = { links, tasks: { prepare }, imports: Object.fromEntries(fromJsr) };
    await cp(join(TOOLS, "std"), this.path("tools/std"), { recursive: true });
    await cp(join(TOOLS, "prepare.ts"), this.path("tools/prepare.ts"));
    await Deno.writeTextFile(this.path("deno.json"), JSON.stringify(config));
    await Deno.writeTextFile(this.path("main.ts"), SCRIPT);
    await Deno.writeTextFile(
      this.path("main_test.ts"),
      `Deno.test("main", async () => void await import("./main.ts"));`,
    );
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs this very Deno in the project's folder, with nothing on stdin. */
  async deno(...args: string[]) {
    const env = {
      DENO_DIR: this.path(".cache"),
      JSR_URL: this.jsrUrl,
      NO_COLOR: "1",
      NO_PROXY: "127.0.0.1",
    };
    const signal = AbortSignal.timeout(60_000);
    const options = { args, cwd: this.folder, env, stdin: "null", signal } as const;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  run() {
    return this.deno("run", "--quiet", "main.ts");
  }

  /** Runs the task `prepare`, with the permissions that parley's deno.json gives it. */
  async prepare() {
    const ending = await this.deno("task", "prepare");
    return { ...ending, stderr: ending.stderr.replace(/^Task prepare .*\n/, "") };
  }

  /** Runs the task, and asserts that it says it has linked the stand-ins, on stderr alone. */
  async prepareLinks(): Promise<void> {
    const { code, stdout, stderr } = await this.prepare();
    assertEquals([code, stdout], [0, ""]);
    assertMatch(stderr, NOTICE);
    await this.assertLinked();
  }

  /** Asserts that the stand-ins are linked, all of them, that nothing is left over, and that they work. */
  async assertLinked(): Promise<void> {
    assertEquals(await filesIn(this.path(".std")), await filesIn(this.path("tools/std")));
    assertEquals(await this.run(), RUNS);
  }

  /** Asserts that prepare has nothing to do and nothing to say, and that the project runs with nothing linked. */
  async assertNeedsNoLink(): Promise<void> {
    assertEquals(await this.prepare(), SILENT);
    assertEquals(await this.run(), RUNS);
    assertEquals(await filesIn(this.path(".std")), new Map());
  }
}

/** Tests with a project; without `answer` nothing listens where its JSR should be. */
function test(
  name: string,
  answer: Parameters<typeof serve>[0] | null,
  fn: (project: Project, jsr: ReturnType<typeof serve>) => Promise<void>,
): void {
  Deno.test({
    name: `prepare ${name}`,
    ignore: !canRun || !canWriteTemp,
    async fn() {
      await using folder = await tempDir();
      await using jsr = serve(answer ?? (() => Response.error()));
      if (answer === null) await jsr.close();
      const project = new Project(folder.path, jsr.url);
      await project.write();
      await fn(project, jsr);
    },
  });
}

test(
  "links the stand-ins when JSR is dead, and nothing resolves before that",
  null,
  async (project) => {
    assertNotEquals((await project.run()).code, 0);
    await project.prepareLinks();
    const { code, stderr } = await project.deno("test", "--no-check");
    assertEquals(code, 0, stderr);
  },
);

test(
  "refreshes what has changed and completes what was interrupted, in silence",
  null,
  async (project) => {
    await project.prepareLinks();
    await Deno.writeTextFile(project.path("tools/std/assert/added.ts"), "export {};\n");
    await Deno.writeTextFile(project.path(".std/assert/mod.ts"), "export {}; // of old\n");
    await Deno.remove(project.path(".std/cli/deno.json"));
    await Deno.remove(project.path(".std/cli/parse_args.ts"));
    assertEquals(await project.prepare(), SILENT);
    await project.assertLinked();
  },
);

test("can run many times at once", null, async (project) => {
  const endings = await Promise.all(Array.from({ length: 4 }, async () => {
    const { code } = await project.prepare();
    return [code, await project.run()];
  }));
  assertEquals(endings, Array.from({ length: 4 }, () => [0, RUNS]));
  await project.assertLinked();
});

test(
  "links when JSR has none of the packages",
  () => new Response(null, { status: 404 }),
  (project) => project.prepareLinks(),
);

const never = () => new Promise<Response>(() => {});

test(
  "waits for no JSR that never answers, and asks and changes nothing once it has linked",
  never,
  async (project, { requests }) => {
    await project.prepareLinks();
    const asked = requests.length;
    assert(asked > 0);
    const changed = async () => (await Deno.stat(project.path(".std/cli/parse_args.ts"))).ctime;
    const before = await changed();
    assertEquals(await project.prepare(), SILENT);
    assertEquals([requests.length, await changed()], [asked, before]);
  },
);

const standIns = canRun ? await published() : new Map<string, string>();
const answering = (path: string) => {
  const body = standIns.get(path);
  return new Response(body, { status: body === undefined ? 404 : 200 });
};

test(
  "does nothing when JSR answers, or has answered, and leaves Deno's lock file",
  answering,
  async (project, jsr) => {
    await project.assertNeedsNoLink();
    for (const file of ["assert/1.0.19/mod.ts", "cli/1.0.32/parse_args.ts"]) {
      assert(jsr.requests.includes(`/@std/${file}`), file);
    }
    const lock = () => Deno.readTextFile(project.path("deno.lock"));
    const before = await lock();
    await jsr.close();
    await project.assertNeedsNoLink();
    assertEquals(await lock(), before);
  },
);

/**
 * The launcher between a shell and a client: it grants what the run needs, passes on signals and the exit code, and
 * can't be told from the client otherwise.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, canWriteTemp, granted, tempDir } from "./helpers/permissions.ts";
import {
  launcherArguments,
  type Running,
  startProgram,
  type Surroundings,
} from "./helpers/processes.ts";
import { runClient } from "./helpers/clients.ts";
import { relayWorld } from "./helpers/relay_world.ts";

/** Starts what a task runs, with the launcher. */
function launch(
  task: "client" | "profile",
  args: readonly string[],
  surroundings: Surroundings = {},
): Running {
  const running = startProgram(
    Deno.execPath(),
    [...launcherArguments(task), ...args],
    surroundings,
  );
  return {
    ...running,
    async [Symbol.asyncDispose]() {
      // SIGKILL would leave the client, which holds the output open.
      try {
        running.kill("SIGTERM");
      } catch {
        // It has ended already.
      }
      await running.ended();
      await running[Symbol.asyncDispose]();
    },
  };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !canRun, fn });
}

test("deno task client talks, with its input, output and exit code passed on", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--room", "r1"];
  await using a = launch("client", args);
  await a.write("hello\n");
  const [one, other] = await Promise.all([a.finish(), runClient(args)]);
  assertEquals([one.code, other.code, other.stdout], [0, 0, "hello\n"], one.stderr + other.stderr);
});

test("a relay on IPv6 is within what is granted, and an error's code is passed on", async () => {
  await using relay = await relayWorld({ host: "::1" });
  const { port } = new URL(relay.url);
  await using client = launch("client", ["--server", `http://[::1]:${port}`, "--json"]);
  assertStringIncludes(String((await client.lines.next()).value), '"event":"waiting"');
  await using wrong = launch("client", ["--port", "x"]);
  const { code, stdout, stderr } = await wrong.finish();
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /^parley: "--port" is not an option[^\n]+\n$/);
});

test("a signal to the launcher lets the client take leave", async () => {
  await using relay = await relayWorld();
  await using client = launch("client", ["--server", relay.url, "--json"]);
  assertStringIncludes(String((await client.lines.next()).value), '"event":"waiting"');
  client.kill("SIGTERM");
  assertEquals((await client.ended()).code, 0);
});

Deno.test({
  name: "deno task client starts with a comma and a space in HOME, and refuses a profile there",
  ignore: !canRun || !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    const home = `${folder.path}/a, b`;
    await Deno.mkdir(home);
    // Its cache stays where it is: a fresh one would have to be filled first.
    const env = { HOME: home, XDG_CONFIG_HOME: "", DENO_DIR: await cacheFolder() };
    await using relay = await relayWorld();
    const args = ["--server", relay.url, "--json"];
    await using client = launch("client", args, { env });
    assertStringIncludes(String((await client.lines.next()).value), '"event":"waiting"');
    await using refused = launch("client", [...args, "--profile", "me"], { env });
    const { code, stdout } = await refused.finish();
    assertEquals(code, 2);
    assertStringIncludes(stdout, "PARLEY_PROFILE_DIR");
    const elsewhere = { ...env, PARLEY_PROFILE_DIR: `${folder.path}/p p` };
    await using made = launch("profile", ["list"], { env: elsewhere });
    assertEquals(await made.finish(), { code: 0, stdout: "", stderr: "" });
  },
});

async function cacheFolder(): Promise<string> {
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(info.stdout)).denoDir;
}

Deno.test({
  name: "the launcher imports no socket",
  ignore: !granted("run", "read"),
  async fn() {
    for (const path of ["tools/launch.ts", "lib/cli/permissions.ts", "lib/cli/system.ts"]) {
      const url = new URL(`../${path}`, import.meta.url).href;
      const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", url] })
        .output();
      const { modules } = JSON.parse(new TextDecoder().decode(info.stdout));
      assert(modules.length > 1, path);
      for (const { specifier } of modules) assert(!/^npm:|socket/.test(specifier), specifier);
    }
  },
});

/** The part of `deno info --json` that is read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

/** What a chat loads before its prompt is shown. */
const BEFORE_THE_PROMPT = new RegExp(
  [
    "client.ts|deno.json|.*/parse_args.ts",
    "lib/(cli|terminal)/.*|lib/chat/chat_prompt.ts|lib/(errors|nearest_word|once|safe_text|timer).ts",
    "lib/crypto/(bytes|random|groups|integers|modular).ts|lib/classic/group.ts",
    "lib/protocol/(constants|invite|words).ts|lib/profile/(contacts|folder).ts",
    "lib/relay/(log|wire_events).ts",
  ].join("|").replace(/^(.*)$/, "^($1)$$"),
);

Deno.test({
  name: "the client loads what its prompt needs, and neither Socket.IO nor the protocol before it",
  ignore: !granted("run", "read"),
  async fn() {
    const root = new URL("../", import.meta.url).href;
    const args = ["info", "--json", `${root}client.ts`];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as ModuleGraph;
    const loaded = new Set([`${root}client.ts`, `${root}lib/cli/run_chat.ts`]);
    // A set takes what is added on the way.
    for (const specifier of loaded) {
      const module = modules.find((module) => module.specifier === specifier);
      for (const { code, isDynamic } of module?.dependencies ?? []) {
        if (code !== undefined && !isDynamic) loaded.add(code.specifier);
      }
    }
    const paths = [...loaded].map((specifier) => specifier.replace(root, ""));
    assertEquals(paths.filter((path) => !BEFORE_THE_PROMPT.test(path)), []);
    assert(paths.length > 30 && paths.includes("lib/terminal/prompt.ts"), `${paths}`);
  },
});

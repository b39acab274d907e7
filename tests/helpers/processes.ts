/**
 * Real processes with exactly the permissions that `deno.json` gives to the tasks.
 *
 * @module
 */
import configuration from "../../deno.json" with { type: "json" };
import { inTime } from "./deadline.ts";
import { OWN_FOLDERS, permissionFlags, profileReach, V8_FLAGS } from "../../lib/cli/permissions.ts";
import { TextLineStream } from "../../tools/text_lines.ts";

const ROOT = new URL("../../", import.meta.url);

/** What a finished process left behind. */
export interface Finished {
  /** Its exit code. */
  readonly code: number;
  /** All of its stdout. */
  readonly stdout: string;
  /** All of its stderr. */
  readonly stderr: string;
}

/** A running process. */
export interface Running extends AsyncDisposable {
  /** Its lines on stdout, as they come. */
  readonly lines: AsyncIterator<string>;
  /** Writes to its stdin. */
  write(text: string): Promise<void>;
  /** Ends its stdin, waits for its end, and gives what it printed. */
  finish(): Promise<Finished>;
  /** Waits for its end with stdin left as it is. */
  ended(): Promise<Finished>;
  /** Sends it a signal. */
  kill(signal: Deno.Signal): void;
}

/**
 * The arguments of `deno` for a task, split as a shell would. The client and `profile` stand here without the launcher,
 * with what it grants them: of the network the machine itself, and these folders.
 *
 * @param profiles the folder of profiles
 * @param files the folder of files to send
 */
export function taskArguments(
  task: "server" | "client" | "profile",
  profiles = "no-profiles",
  files = "outbox",
): string[] {
  if (task === "server") return words(configuration.tasks.server.command);
  const reach = task === "profile"
    ? profileReach([], { env: () => profiles }, Deno.build.os)
    : { relay: "127.0.0.1", reads: ["/dev/fd", files], writes: [...OWN_FOLDERS, profiles] };
  return ["run", V8_FLAGS, ...permissionFlags(reach), `${task}.ts`];
}

/** The same from any folder, with these permissions beside the task's. */
export function scriptArguments(
  task: "server" | "client" | "profile",
  profiles?: string,
  permissions: readonly string[] = [],
): string[] {
  const [run, ...rest] = taskArguments(task, profiles);
  const script = new URL(rest.pop()!, ROOT).pathname;
  const config = `--config=${new URL("deno.json", ROOT).pathname}`;
  return [run!, "--quiet", "--no-prompt", config, ...rest, ...permissions, script];
}

/** The arguments of `deno` for a task as it stands: with the launcher, and from any folder. */
export function launcherArguments(task: "client" | "profile"): string[] {
  const launcher = new URL("tools/launch.ts", ROOT).pathname;
  return words(configuration.tasks[task].command.replace("tools/launch.ts", launcher));
}

/** The words behind `deno`. */
function words(command: string): string[] {
  return command.replaceAll("'", "").split(" ").slice(1);
}

/** Where a process runs, and what it has beside its task's permissions. */
export interface Surroundings {
  /** Its folder. @default the project's */
  readonly cwd?: string;
  /** Variables of its environment, beside this process's. */
  readonly env?: Record<string, string>;
  /** Permissions that whoever runs it gave it. */
  readonly permissions?: readonly string[];
}

/** Starts `deno task server` or `deno task client`, without the task runner between. */
export function start(task: "server" | "client", ...args: string[]): Running {
  return startIn({}, task, ...args);
}

/** The same in other surroundings. */
export function startIn(
  surroundings: Surroundings,
  task: "server" | "client",
  ...args: string[]
): Running {
  const all = [...scriptArguments(task, undefined, surroundings.permissions), ...args];
  return startProgram(Deno.execPath(), all, surroundings);
}

/** Starts any program, in the project's folder unless told otherwise. */
export function startProgram(
  path: string,
  args: string[],
  { cwd, env }: Surroundings = {},
): Running {
  const child = new Deno.Command(path, {
    args,
    cwd: cwd ?? ROOT,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [forLines, forText] = child.stdout.tee();
  const stdout = new Response(forText).text();
  const stderr = new Response(child.stderr).text();
  const keyboard = child.stdin.getWriter();
  const lines = forLines.pipeThrough(new TextLineStream())[Symbol.asyncIterator]();
  const name = args.slice(-8).join(" ");
  const ended = async () => {
    const { code } = await inTime(`the end of ${name}`, child.status);
    return { code, stdout: await stdout, stderr: await stderr };
  };
  return {
    lines: {
      next: () => inTime(`a line of ${name}`, lines.next()),
      return: () => lines.return!(),
    },
    ended,
    write: (text) => keyboard.write(new TextEncoder().encode(text)),
    async finish() {
      await keyboard.close().catch(() => {});
      return await ended();
    },
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await keyboard.close().catch(() => {});
      await lines.return?.();
      await ended();
    },
  };
}

/** Runs a task to its end with this on its stdin. */
export async function run(
  task: "server" | "client",
  args: string[],
  stdin = "",
): Promise<Finished> {
  await using process = start(task, ...args);
  await process.write(stdin).catch(() => {});
  return await process.finish();
}

/** A relay process on a free port. */
export interface RelayProcess extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  /** The process. */
  readonly process: Running;
}

/** Starts a relay process and waits until it listens. */
export async function startRelayProcess(...args: string[]): Promise<RelayProcess> {
  const process = start("server", "--port", "0", ...args);
  const greeting = String((await process.lines.next()).value);
  const url = greeting.match(/http:\S+/)?.[0];
  if (url === undefined) throw new Error(`the relay did not start: ${greeting}`);
  return { url, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

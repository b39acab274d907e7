/**
 * Starts the client, or `profile`, with exactly the permissions of this run. It opens no socket, prints nothing, and
 * ends as the program ends: what is wrong with the command line the program says itself. It takes the place of the task
 * `prepare`, too, so that one row is printed before a client.
 *
 * Usage: launch.ts client|profile [OPTION...]
 *
 * @module
 */
import { prepare } from "./prepare.ts";

type Launchable = "client" | "profile";

/** In variables, because Deno would load literal ones before @std is linked. */
const [SYSTEM, PERMISSIONS] = ["../lib/cli/system.ts", "../lib/cli/permissions.ts"];

/** What Deno is to run for a program. */
async function denoArguments(program: Launchable, args: readonly string[]): Promise<string[]> {
  // Deno has read its links when it started, so only another process sees new ones.
  if (await prepare(["@std/cli/parse-args"])) return ["task", "--quiet", program, ...args];
  const { systemSources }: typeof import("../lib/cli/system.ts") = await import(SYSTEM);
  const permissions: typeof import("../lib/cli/permissions.ts") = await import(PERMISSIONS);
  const reachOf = program === "client" ? permissions.clientReach : permissions.profileReach;
  const reach = reachOf(args, systemSources(), Deno.build.os);
  const script = import.meta.resolve(`../${program}.ts`);
  return ["run", permissions.V8_FLAGS, ...permissions.permissionFlags(reach), script, ...args];
}

/** Runs Deno in this process's place, as far as two processes can be one, and gives its exit code. */
async function replaceBy(args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args }).spawn();
  let hasEnded = false;
  const ended = child.status.finally(() => hasEnded = true);
  // Only now, so that the program inherits what `nohup` ignores.
  if (Deno.build.os === "windows") {
    // The console reports Ctrl-C to every program, and this one has to stay for the exit code.
    Deno.addSignalListener("SIGINT", () => {});
  } else {
    for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => hasEnded || child.kill(signal));
    }
    stopWith(() => hasEnded);
  }
  return (await ended).code;
}

/** How long after the signal a program that has ended is known to have, in milliseconds. */
const END_IS_KNOWN = 50;

/**
 * Stops this process when the child has stopped (Ctrl-Z with `--suspend`), so that the shell notices. The system
 * reports a stop, a continuation and the end by the same signal; the shell continues both.
 */
function stopWith(hasEnded: () => boolean): void {
  let isStopped = false;
  Deno.addSignalListener("SIGCHLD", () => {
    if (isStopped) return void (isStopped = false);
    setTimeout(() => {
      if (hasEnded()) return;
      isStopped = true;
      Deno.kill(Deno.pid, "SIGTSTP");
    }, END_IS_KNOWN);
  });
}

const [program, ...args] = Deno.args;
if (program !== "client" && program !== "profile") {
  console.error("Usage: launch.ts client|profile [OPTION...]");
  Deno.exit(2);
}
Deno.exit(await replaceBy(await denoArguments(program, args)));

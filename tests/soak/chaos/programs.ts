/**
 * The real programs, with the permissions that `deno.json` gives to their tasks and a folder of their own.
 *
 * @module
 */
import { taskArguments } from "../../helpers/processes.ts";
import { Child } from "./child.ts";
import type { Clock } from "./clock.ts";
import type { Side } from "./fault.ts";
import { HOST } from "./proxy.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Opens the profiles, which exist as long as the run. */
const PASSPHRASE = "chaos is a ladder";

/** Where a run keeps everything, and what goes when it is over. */
export interface Folders {
  /** The folder of all. */
  readonly root: string;
  /** Where a side's client runs. */
  home(side: Side): string;
  /** Where a side's files to send are: its client may read that. */
  outgoing(side: Side): string;
  /** Where its client puts what it receives. */
  incoming(side: Side): string;
}

/** The folders below one that is there and empty. */
export async function makeFolders(root: string, sides: readonly Side[]): Promise<Folders> {
  const folders: Folders = {
    root,
    home: (side) => `${root}/${side}`,
    outgoing: (side) => `${root}/${side}/outbox`,
    incoming: (side) => `${root}/${side}/received`,
  };
  for (const side of sides) await Deno.mkdir(folders.outgoing(side), { recursive: true });
  return folders;
}

function profilesOf(folders: Folders, side: Side): string {
  return `${folders.home(side)}/profiles`;
}

/** The arguments of `deno` for a task. */
function denoArguments(task: "server" | "client" | "profile", profiles: string): string[] {
  const [run, ...rest] = taskArguments(task, profiles);
  const script = new URL(rest.pop()!, ROOT).pathname;
  const config = `--config=${new URL("deno.json", ROOT).pathname}`;
  return [run!, "--quiet", "--no-prompt", config, ...rest, script];
}

/** Milliseconds that a profile may take. */
const PROFILE_PATIENCE = 60_000;

/**
 * Makes a side's profile.
 *
 * @param signal ends it early
 * @throws {Error} when that fails, or takes too long
 */
export async function makeProfile(
  folders: Folders,
  side: Side,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const profiles = profilesOf(folders, side);
  const child = new Child({
    args: [...denoArguments("profile", profiles), "create", side],
    cwd: folders.home(side),
    env: { PARLEY_PROFILE_DIR: profiles, PARLEY_PASSPHRASE: PASSPHRASE },
    onLine: () => {},
  });
  const over = new AbortController();
  const killed = clock.wait(PROFILE_PATIENCE, AbortSignal.any([signal, over.signal]))
    .then(() => child.kill());
  const { code, stderr } = await child.ended;
  over.abort();
  await killed;
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`cannot make a profile for ${side}: ${stderr}`);
}

/** Starts the relay on a port. */
export function startRelay(folders: Folders, port: number, onLine: (line: string) => void): Child {
  const args = ["--host", HOST, "--port", String(port)];
  return new Child({ args: [...denoArguments("server", ""), ...args], cwd: folders.root, onLine });
}

/** Starts a side's client, which connects to `port`. */
export function startClient(
  folders: Folders,
  side: Side,
  { port, onLine, more }: {
    readonly port: number;
    readonly onLine: (line: string) => void;
    readonly more: readonly string[];
  },
): Child {
  const profiles = profilesOf(folders, side);
  const server = ["--server", `http://${HOST}:${port}`, "--room", "chaos"];
  const who = ["--profile", side, "--profile-dir", profiles, "--name", side];
  return new Child({
    args: [
      ...denoArguments("client", profiles),
      ...server,
      ...who,
      "--json-input",
      ...more,
    ],
    cwd: folders.home(side),
    env: { PARLEY_PASSPHRASE: PASSPHRASE },
    onLine,
  });
}

/** Where the search for a port begins: below the ports that systems give to connections. */
const FIRST_PORT = 20_000;

/**
 * A free port that stays free while nobody listens: it is none of those from which connections get theirs, so that
 * the relay finds it again after it was killed.
 *
 * @throws {Error} when there is none
 */
export function stablePort(): number {
  for (let i = 0; i < 1000; i++) {
    const port = FIRST_PORT + (Deno.pid * 7 + i) % 10_000;
    try {
      Deno.listen({ hostname: HOST, port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("no port is free");
}

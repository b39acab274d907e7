/** The real programs, with the permissions that `deno.json` gives to their tasks and a folder of their own. */
import { systemRandom } from "../../../lib/crypto/random.ts";
import { DENO_FILES } from "../../../lib/profile/files.ts";
import type { ScryptCost } from "../../../lib/profile/passphrase_key.ts";
import { newProfile } from "../../../lib/profile/profile.ts";
import { ProfileStore } from "../../../lib/profile/profile_store.ts";
import { scriptArguments } from "../../helpers/processes.ts";
import { Child } from "./child.ts";
import { HOST } from "./proxy.ts";
import type { Side } from "./schedule.ts";

/** Opens the profiles, which exist as long as the run. */
const PASSPHRASE = "chaos is a ladder";

/** Where a run keeps everything, and what goes when it is over. */
export type Folders = Awaited<ReturnType<typeof makeFolders>>;

/** The folders below one that is there and empty. */
export async function makeFolders(root: string, sides: readonly Side[]) {
  const folders = {
    root,
    /** Where a side's client runs. */
    home: (side: Side) => `${root}/${side}`,
    profiles: (side: Side) => `${root}/${side}/profiles`,
    /** Where a side's files to send are: its client may read that. */
    outgoing: (side: Side) => `${root}/${side}/outbox`,
    /** Where its client puts what it receives. */
    incoming: (side: Side) => `${root}/${side}/received`,
  };
  for (const side of sides) await Deno.mkdir(folders.outgoing(side), { recursive: true });
  return folders;
}

/** Makes a side's profile. @param cost of opening it, at every start */
export async function makeProfile(
  folders: Folders,
  side: Side,
  cost?: ScryptCost,
): Promise<void> {
  const options = { folder: folders.profiles(side), files: DENO_FILES, random: systemRandom, cost };
  using store = await ProfileStore.lock(options, side);
  await store.create(newProfile(side, { name: side }, systemRandom), PASSPHRASE);
}

/** Starts the relay on a port. */
export function startRelay(folders: Folders, port: number, onLine: (line: string) => void): Child {
  const args = [...scriptArguments("server"), "--host", HOST, "--port", String(port)];
  return new Child({ args, cwd: folders.root, onLine });
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
  const profiles = folders.profiles(side);
  const server = ["--server", `http://${HOST}:${port}`, "--room", "chaos"];
  const who = ["--profile", side, "--profile-dir", profiles, "--name", side];
  return new Child({
    args: [...scriptArguments("client", profiles), ...server, ...who, "--json-input", ...more],
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

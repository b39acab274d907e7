/**
 * The permissions and flags of one run: what tools/launch.ts starts the client and `profile` with.
 *
 * @module
 */
import { ParleyError } from "../errors.ts";
import { isGrantable, profileFolder } from "../profile/folder.ts";
import { CLIENT, PROFILE } from "./command_tables.ts";
import { parseCommandLine, textOf } from "./options.ts";
import { readSettings, type Sources } from "./settings.ts";

/** The least memory, for a client: one that waits has nothing to collect, and a file goes as fast with it. */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=1";

/** Everything that one run may reach. */
export interface Reach {
  /** The host and port of the relay; `null` for no network. */
  readonly relay: string | null;
  /** Files and folders that are read and never changed. */
  readonly reads: readonly string[];
  /** Files and folders that are read and changed. */
  readonly writes: readonly string[];
}

/** The variables of the environment that decide where folders are, and those of the terminal. */
const VARIABLES = ["PARLEY_*", "HOME", "XDG_CONFIG_HOME", "APPDATA", "TERM", "NO_COLOR"];

/** Where `--passphrase-fd` reads: Deno opens no more of it than what the process was given open. */
const DESCRIPTORS = "/dev/fd";

/** The folders of transcripts and of received files. */
export const OWN_FOLDERS: readonly string[] = ["transcripts", "received"];

/**
 * What a client needs for this command line: the relay, `outbox` and what `--files` names, its own folders, and the
 * configuration file that decided it. A profile's folder belongs to them when there is one.
 */
export function clientReach(args: readonly string[], sources: Sources, os: string): Reach {
  const configuration: string[] = [];
  const readFile = (path: string) => {
    configuration.push(path);
    return sources.readFile(path);
  };
  const file = sources.file !== null && isGrantable(sources.file) ? sources.file : null;
  try {
    const settings = readSettings(CLIENT, args, { ...sources, readFile, file });
    const hasProfile = settings.text("profile") !== undefined;
    const folder = () => settings.text("profile-dir") ?? profileFolder({ os, env: sources.env });
    return {
      relay: hostAndPort(settings.text("server") ?? ""),
      reads: [
        ...configuration,
        "outbox",
        settings.text("files") ?? "outbox",
        ...[settings.text("send-file") ?? ""].filter((path) => path !== "" && isGrantable(path)),
        ...(settings.text("passphrase-fd") === undefined ? [] : [DESCRIPTORS]),
      ],
      writes: [...OWN_FOLDERS, ...(hasProfile ? [folder()] : [])],
    };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    // The client fails with the same error, and reports it.
    return { ...NOTHING, reads: configuration };
  }
}

/** What `profile` needs for this command line: the folder of profiles. */
export function profileReach(
  args: readonly string[],
  { env }: Pick<Sources, "env">,
  os: string,
): Reach {
  try {
    const folder = textOf(parseCommandLine(PROFILE, args), "profile-dir");
    return { relay: null, reads: [DESCRIPTORS], writes: [folder ?? profileFolder({ os, env })] };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return NOTHING;
  }
}

/** The permissions for an error or the help. */
const NOTHING: Reach = { relay: null, reads: [], writes: [] };

/** The host and port of a URL, as `--allow-net` takes them; `null` when it has none. */
function hostAndPort(server: string): string | null {
  const url = URL.parse(server);
  // A comma, which a host may have, would part it into two permissions.
  if (url === null || !/^([\w.-]+|\[[\da-f:.]+\])$/.test(url.hostname)) return null;
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
}

/** Deno's flags that grant this and nothing else. A path that no flag can name is left out. */
export function permissionFlags({ relay, reads, writes }: Reach): string[] {
  return [
    "--ignore-env",
    flag("env", VARIABLES),
    flag("net", relay === null ? [] : [relay]),
    flag("read", [...reads, ...writes].filter(isGrantable)),
    flag("write", writes.filter(isGrantable)),
  ].filter((flag) => flag !== "");
}

/** A flag for some names. For none there is no flag, because an empty one grants all. */
function flag(kind: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `--allow-${kind}=${[...new Set(names)].join(",")}`;
}

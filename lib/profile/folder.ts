/**
 * The folder of profiles, and their names in it.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** The environment that decides it. */
export interface FolderEnvironment {
  /** The operating system, as `Deno.build.os` names it. */
  readonly os: string;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
}

/** The variable that moves the folder. */
const FOLDER_VARIABLE = "PARLEY_PROFILE_DIR";

/** Without a home directory: a folder in the working directory. */
const FALLBACK = "profiles";

/**
 * The folder of profiles: what PARLEY_PROFILE_DIR says, or the platform's configuration folder.
 *
 * @throws {UsageError} when no permission can name it
 */
export function profileFolder({ os, env }: FolderEnvironment): string {
  const folder = env(FOLDER_VARIABLE) || platformFolder(os, env);
  if (isGrantable(folder)) return folder;
  throw new UsageError(
    `cannot keep profiles in a folder with a comma in its path: set ${FOLDER_VARIABLE} to another`,
  );
}

/** Whether Deno's permissions can name a path: a comma parts the paths of `--allow-read`. */
export function isGrantable(path: string): boolean {
  return !path.includes(",");
}

function platformFolder(os: string, env: FolderEnvironment["env"]): string {
  const home = env("HOME");
  if (os === "windows") {
    const roaming = env("APPDATA");
    return roaming ? `${roaming}\\parley` : FALLBACK;
  }
  if (os === "darwin") return home ? `${home}/Library/Application Support/parley` : FALLBACK;
  // The XDG specification has relative paths ignored.
  const configuration = env("XDG_CONFIG_HOME");
  if (configuration?.startsWith("/")) return `${configuration}/parley`;
  return home ? `${home}/.config/parley` : FALLBACK;
}

const PROFILE_NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** {@link isProfileName} in words. */
export const PROFILE_NAME_RULE = "1 to 32 lower-case letters, digits, hyphens or underscores";

/** Whether a profile can have this name: it names files on systems that tell upper case from lower, or don't. */
export function isProfileName(name: string): boolean {
  return PROFILE_NAME.test(name);
}

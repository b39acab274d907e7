/**
 * Where profiles are kept, and files that are to be sent.
 *
 * @module
 */

/** The environment that decides it. */
export interface FolderEnvironment {
  /** The operating system, as `Deno.build.os` names it. */
  readonly os: string;
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
}

/** The variable that moves the folder. */
export const FOLDER_VARIABLE = "PARLEY_PROFILE_DIR";

/** All that {@link profileFolder} reads. */
export const FOLDER_VARIABLES: readonly string[] = [
  FOLDER_VARIABLE,
  "APPDATA",
  "HOME",
  "XDG_CONFIG_HOME",
];

/** Where nothing says who is at home: a folder in the working directory. */
const FALLBACK = "profiles";

/**
 * The folder of profiles: what PARLEY_PROFILE_DIR says, or the platform's configuration folder.
 *
 * @throws {RangeError} when the folder has a comma or a control character
 */
export function profileFolder({ os, env }: FolderEnvironment): string {
  const folder = env(FOLDER_VARIABLE) || platformFolder(os, env);
  return grantableFolder(folder, FOLDER_VARIABLE, "keep profiles in");
}

/** The variable that names the folder whose files may be sent without a question. */
export const FILES_VARIABLE = "PARLEY_FILES";

/**
 * The folder whose files may be sent without a question: what PARLEY_FILES says, or `outbox`.
 *
 * @throws {RangeError} when the folder has a comma or a control character
 */
export function filesFolder(env: FolderEnvironment["env"]): string {
  return grantableFolder(env(FILES_VARIABLE) || "outbox", FILES_VARIABLE, "have files to send in");
}

/** A comma parts the paths of `--allow-read`, so a folder with one can't be granted and is refused. */
function grantableFolder(folder: string, variable: string, purpose: string): string {
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (/[,\x00-\x1f\x7f]/.test(folder)) {
    throw new RangeError(`Cannot ${purpose} a folder with a comma in its path: set ${variable}`);
  }
  return folder;
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

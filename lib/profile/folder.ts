/**
 * Where profiles are kept.
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
 * A comma parts the paths of `--allow-read`, so a folder with one can't be granted and is refused.
 *
 * @throws {RangeError} when the folder has a comma or a control character
 */
export function profileFolder({ os, env }: FolderEnvironment): string {
  const folder = env(FOLDER_VARIABLE) || platformFolder(os, env);
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (/[,\x00-\x1f\x7f]/.test(folder)) {
    throw new RangeError(
      `Cannot keep profiles in a folder with a comma in its path: set ${FOLDER_VARIABLE}`,
    );
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

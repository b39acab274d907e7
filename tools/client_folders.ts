/**
 * Prints a folder, for the tasks to name it in their permissions: only here is it known which it is, and that of
 * profiles is another one on each platform.
 *
 * Usage: client_folders.ts profiles|files
 *
 * @module
 */
import { filesFolder, profileFolder } from "../lib/profile/folder.ts";

const env = (name: string) => Deno.env.get(name);

const FOLDERS: Readonly<Record<string, () => string>> = {
  profiles: () => profileFolder({ os: Deno.build.os, env }),
  files: () => filesFolder(env),
};

console.log(FOLDERS[Deno.args[0]!]!());

/**
 * Prints the folder of profiles, for the tasks to name it in their permissions: only here is it known that it is
 * another one on each platform.
 *
 * @module
 */
import { profileFolder } from "../lib/profile/folder.ts";

console.log(profileFolder({ os: Deno.build.os, env: (name) => Deno.env.get(name) }));

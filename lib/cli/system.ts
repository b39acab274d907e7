/**
 * The environment and the configuration file, as Deno lets this program see them. An edge.
 *
 * @module
 */
import { ParleyError, UsageError } from "../errors.ts";
import { shown } from "./options.ts";
import type { Sources } from "./settings.ts";

/** The sources of a real run. What Deno's permissions hide is not there. */
export function systemSources(): Sources {
  return { env, readFile, file: configurationFile() };
}

/** A variable of the environment, where it may be read. */
function env(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** The configuration file of the platform, where it may be read without asking. */
function configurationFile(): string | null {
  const folder = Deno.build.os === "windows"
    ? env("APPDATA")
    : env("XDG_CONFIG_HOME") || (env("HOME") && `${env("HOME")}/.config`);
  if (!folder) return null;
  const path = `${folder}/parley/config.json`;
  return Deno.permissions.querySync({ name: "read", path }).state === "granted" ? path : null;
}

function readFile(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotCapable) {
      throw new UsageError(
        `cannot read ${shown(path)}: Deno was not given --allow-read for it. ` +
          "Without --config, ~/.config/parley/config.json is read",
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError("cannot-read", `cannot read ${shown(path)}: ${reason}`);
  }
}

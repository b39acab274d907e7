/**
 * The version, from the project's own configuration, so that it stands in one place.
 *
 * @module
 */
import configuration from "../../deno.json" with { type: "json" };

/** The version of parley, for example `0.1.0`. */
export const VERSION: string = configuration.version;

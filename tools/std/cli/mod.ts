/**
 * A stand-in for `jsr:@std/cli`, for networks that cannot reach jsr.io: `parseArgs` alone.
 * `tools/prepare.ts` decides when it is used; where JSR answers, it never is.
 *
 * @module
 */

export { parseArgs } from "./parse_args.ts";
export type { Args, ParseOptions } from "./parse_args.ts";

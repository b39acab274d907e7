/**
 * A stand-in for `jsr:@std/cli/parse-args`, for networks that cannot reach jsr.io: as much of `parseArgs` as
 * lib/cli/options.ts uses. There are options with a text, which gather what they are given, and switches; none is of
 * one letter. `tools/prepare.ts` decides when it is linked.
 *
 * @module
 */

/** How to read the arguments. */
export interface ParseOptions {
  /** Options whose value is a text; `_` is among them, so that other arguments stay texts, too. */
  readonly string: readonly string[];
  /** Options that are true or false. */
  readonly boolean: readonly string[];
  /** Options that gather their values: those of `string`. */
  readonly collect: readonly string[];
  /** Called with an argument that is none of them, and with its name if it looks like an option: then it throws. */
  readonly unknown: (arg: string, name?: string) => unknown;
}

/** The options' values, and under `_` all other arguments. */
export interface Args {
  readonly _: string[];
  readonly [name: string]: unknown;
}

/** Reads command line arguments. */
export function parseArgs(args: readonly string[], options: ParseOptions): Args {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const texts: Record<string, string[]> = {};
  for (const name of options.collect) texts[name] = [];
  const switches: Record<string, boolean> = {};
  for (const name of options.boolean) switches[name] = false;
  const others: string[] = [];
  for (let i = 0; i < end; i++) {
    const arg = args[i]!;
    const next = i + 1 < end ? args[i + 1]! : "";
    const [, dashes, no = "", key, value] = /^(--?)(no-)?(.+?)(?:=(.*))?$/s.exec(arg) ?? [];
    // std drops "no-" where there is a value.
    const name = value === undefined ? `${no}${key}` : key!;
    if (dashes === undefined) {
      options.unknown(arg);
      others.push(arg);
    } else if (dashes === "--" && Object.hasOwn(texts, name)) {
      const takesNext = value === undefined && next !== "" && !next.startsWith("-");
      texts[name]!.push(value ?? (takesNext ? next : ""));
      if (takesNext) i++;
    } else if (dashes === "--" && Object.hasOwn(switches, name)) {
      const takesNext = value === undefined && /^(true|false)$/.test(next);
      switches[name] = (value ?? (takesNext ? next : "true")) !== "false";
      if (takesNext) i++;
    } else {
      options.unknown(arg, name);
      throw new TypeError(`Cannot parse ${arg}: unknown() has to throw`);
    }
  }
  return { ...switches, ...texts, _: [...others, ...args.slice(end + 1)] };
}

/**
 * A stand-in for `jsr:@std/cli/parse-args`, written against std's documented behaviour on top of
 * `parseArgs` of `node:util`, which takes long options apart. What is left to do here is what std does
 * differently: it decides by the declared types, and by what follows, whether an option takes the next
 * argument. At run time `--a.b=1` sets `{ a: { b: 1 } }` as std does; the types know nothing of it.
 *
 * @module
 */

import { parseArgs as tokenize } from "node:util";
import type { Aliases, Args, OneOrMore, ParseOptions } from "./types.ts";

export type { Args, ParseOptions } from "./types.ts";

/** A value of an option before the declared types have their say. */
type Raw = string | boolean;

/** One argument before `--`. */
type Lexeme =
  | { kind: "long"; raw: string; name: string; value: string | undefined }
  | { kind: "short"; raw: string }
  | { kind: "positional"; raw: string };

/**
 * Reads command line arguments.
 *
 * @typeParam B The names of boolean options.
 * @typeParam S The names of string options.
 * @typeParam C The names of options that gather their values.
 * @typeParam N The names of options that can be negated.
 * @typeParam D The defaults.
 * @typeParam A The aliases.
 * @typeParam T Whether what follows `--` is kept apart.
 * @param args The arguments, such as `Deno.args`.
 * @param options How to read them.
 * @returns The options' values, and under `_` what belongs to none.
 */
export function parseArgs<
  B extends string | boolean = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D extends Readonly<Record<string, unknown>> = Readonly<Record<never, unknown>>,
  const A extends Aliases = Readonly<Record<never, string>>,
  T extends boolean = false,
>(
  args: readonly string[],
  options: ParseOptions<B, S, C, N, D, A, T> = {},
): Args<B, S, C, N, D, A, T> {
  const result = new Reader(args, options as ParseOptions).read();
  return result as Args<B, S, C, N, D, A, T>;
}

/** Reads one command line. */
class Reader {
  readonly #declared: Declarations;
  readonly #options: ParseOptions;
  readonly #lexemes: Lexeme[];
  readonly #afterTerminator: string[];
  readonly #result: Result = { _: [] };
  #at = 0;

  constructor(args: readonly string[], options: ParseOptions) {
    const terminator = args.indexOf("--");
    const end = terminator === -1 ? args.length : terminator;
    this.#declared = new Declarations(options);
    this.#options = options;
    this.#lexemes = args.slice(0, end).map(lex);
    this.#afterTerminator = args.slice(end + 1);
  }

  read(): Result {
    while (this.#at < this.#lexemes.length) this.#readOne(this.#lexemes[this.#at++]!);
    this.#fillIn();
    if (this.#options["--"]) this.#result["--"] = this.#afterTerminator;
    else this.#result._.push(...this.#afterTerminator);
    return this.#result;
  }

  #readOne(lexeme: Lexeme): void {
    if (lexeme.kind === "long") this.#readLong(lexeme);
    else if (lexeme.kind === "short") this.#readShort(lexeme.raw);
    else this.#readPositional(lexeme.raw);
  }

  #readLong({ raw, name, value }: Lexeme & { kind: "long" }): void {
    const positive = /^no-(.+)$/s.exec(name)?.[1];
    // std drops "no-" before it looks at the value: `--no-colour=always` sets `colour`.
    if (value !== undefined) return this.#setInline(positive ?? name, value, raw);
    if (positive !== undefined && this.#declared.negatable.has(positive)) {
      return this.#set(positive, false, raw, { negates: true });
    }
    this.#set(name, this.#following(name, /^-/) ?? this.#bare(name), raw);
  }

  #setInline(name: string, value: string, raw: string): void {
    this.#set(name, this.#declared.boolean.has(name) ? value !== "false" : value, raw);
  }

  /** Reads `-abc`: a letter may have the rest of the group as its value; the last, what follows. */
  #readShort(raw: string): void {
    const letters = raw.slice(1).split("");
    const last = letters.pop()!;
    for (const [i, letter] of letters.entries()) {
      const value = restAsValue(letter, raw.slice(i + 2), letters[i + 1]);
      this.#set(letter, value ?? this.#bare(letter), raw);
      if (value !== undefined && value !== "-") return;
    }
    if (last === "-") return;
    this.#set(last, this.#following(last, /^--?[^-]/, true) ?? this.#bare(last), raw);
  }

  #readPositional(raw: string): void {
    if (this.#options.unknown?.(raw) !== false) {
      this.#result._.push(this.#declared.string.has("_") ? raw : numberIfItIsOne(raw));
    }
    if (!this.#options.stopEarly) return;
    this.#result._.push(...this.#lexemes.slice(this.#at).map((lexeme) => lexeme.raw));
    this.#at = this.#lexemes.length;
  }

  /** Takes the next argument, if it can be the value of the option before it. */
  #following(name: string, looksLikeOption: RegExp, short = false): Raw | undefined {
    const next = this.#lexemes[this.#at]?.raw;
    if (next === undefined || next === "") return undefined;
    const isFlag = this.#declared.boolean.has(name) || (this.#declared.allBoolean && !short);
    if (!isFlag && !looksLikeOption.test(next)) {
      this.#at++;
      return next;
    }
    if (next !== "true" && next !== "false") return undefined;
    this.#at++;
    return next === "true";
  }

  /** The value of an option that is given none. */
  #bare(name: string): Raw {
    return this.#declared.string.has(name) ? "" : true;
  }

  #set(name: string, value: Raw, raw: string, { negates = false } = {}): void {
    if (!this.#declared.knows(name, raw) && this.#options.unknown?.(raw, name, value) === false) {
      return;
    }
    const isText = typeof value === "string" && this.#declared.string.has(name);
    const kept = typeof value === "string" && !isText ? numberIfItIsOne(value) : value;
    const gathers = !negates && this.#declared.collect.has(name);
    for (const each of this.#declared.allNames(name)) put(this.#result, each, kept, gathers);
  }

  /** Gives absent options their defaults, or false, or an empty list. */
  #fillIn(): void {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      if (has(this.#result, name)) continue;
      for (const each of this.#declared.allNames(name)) put(this.#result, each, value);
    }
    const { boolean, string, collect } = this.#declared;
    for (const name of [...boolean, ...[...string].filter((name) => collect.has(name))]) {
      if (!has(this.#result, name)) put(this.#result, name, collect.has(name) ? [] : false);
    }
  }
}

/** What the options say of each name; an alias is all that its option is. */
class Declarations {
  readonly #aliases: Map<string, string[]>;
  readonly allBoolean: boolean;
  readonly boolean: Set<string>;
  readonly string: Set<string>;
  readonly collect: Set<string>;
  readonly negatable: Set<string>;

  constructor(options: ParseOptions) {
    this.#aliases = aliasesBothWays(options.alias ?? {});
    this.allBoolean = options.boolean === true;
    this.boolean = this.#named(typeof options.boolean === "boolean" ? [] : options.boolean);
    this.string = this.#named(options.string);
    this.collect = this.#named(options.collect);
    this.negatable = this.#named(options.negatable);
  }

  /** The name, then its aliases. */
  allNames(name: string): string[] {
    return [name, ...this.#aliases.get(name) ?? []];
  }

  /** Whether an argument is spoken for, so that `unknown` need not be asked. */
  knows(name: string, raw: string): boolean {
    return this.boolean.has(name) || this.string.has(name) || this.collect.has(name) ||
      this.#aliases.has(name) || (this.allBoolean && /^--[^=]+$/.test(raw));
  }

  #named(names: OneOrMore<string> = []): Set<string> {
    const list = typeof names === "string" ? [names] : names;
    return new Set(list.filter((name) => name !== "").flatMap((name) => this.allNames(name)));
  }
}

function aliasesBothWays(aliases: Aliases): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [name, others] of Object.entries(aliases)) {
    const group = [name, ...typeof others === "string" ? [others] : others];
    for (const each of group) map.set(each, group.filter((other) => other !== each));
  }
  return map;
}

/**
 * Tells what kind an argument is. Node sees one at a time, and no short ones: it would read the `-` at the end
 * of `-a-` as a terminator.
 */
function lex(raw: string): Lexeme {
  if (!raw.startsWith("-") || raw === "-") return { kind: "positional", raw };
  if (!raw.startsWith("--")) return { kind: "short", raw };
  const [token] = tokenize({ args: [raw], strict: false, tokens: true }).tokens;
  if (token?.kind !== "option") throw new TypeError(`Cannot parse "${raw}" as a long option`);
  return { kind: "long", raw, name: token.name, value: token.value };
}

/** The rest of a group of short options, where it is the value of the letter before it. */
function restAsValue(letter: string, rest: string, nextLetter = ""): string | undefined {
  if (rest === "-") return rest;
  if (rest === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const assigned = /=(.+)/.exec(rest)?.[1];
    if (assigned !== undefined) return assigned;
    if (/\d(\.\d*)?(e-?\d+)?$/.test(rest)) return rest;
  }
  return /\W/.test(nextLetter) ? rest : undefined;
}

function numberIfItIsOne(text: string): string | number {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

type Result = { _: (string | number)[]; "--"?: string[]; [name: string]: unknown };
type Branch = Record<string, unknown>;

/** Sets a value; `a.b` is the member `b` of `a`. Nothing can reach a prototype. */
function put(into: Branch, name: string, value: unknown, gathers = false): void {
  const path = name.split(".");
  const leaf = path.pop()!;
  if ([...path, leaf].some((key) => key === "__proto__" || key === "constructor")) return;
  const branch = path.reduce((at, key) => (at[key] ??= {}) as Branch, into);
  if (typeof branch !== "object") return;
  const before = branch[leaf];
  if (!gathers) branch[leaf] = value;
  else if (Array.isArray(before)) before.push(value);
  else branch[leaf] = before ? [before, value] : [value];
}

function has(at: unknown, name: string): boolean {
  return name.split(".").every((key) => {
    const found = typeof at === "object" && at !== null && Object.hasOwn(at, key);
    at = found ? (at as Branch)[key] : undefined;
    return found;
  });
}

/** Names given singly or in a list. */
export type OneOrMore<Name extends string> = Name | readonly Name[];

/** Which names stand for which: `{ help: "h" }`, `{ help: ["h", "?"] }`. */
export type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** How `parseArgs` is to read the arguments. */
export interface ParseOptions<
  B extends string | boolean = string | boolean,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Readonly<Record<string, unknown>> = Readonly<Record<string, unknown>>,
  A extends Aliases = Aliases,
  T extends boolean = boolean,
> {
  /**
   * Whether what follows `--` is kept apart, under `"--"`, instead of in `_`.
   *
   * @default {false}
   */
  "--"?: T;
  /**
   * Other names for an option; whichever is given, all are set.
   *
   * @default {{}}
   */
  alias?: A;
  /**
   * Options that are true or false, and false when absent; `true` makes every `--name` one.
   *
   * @default {false}
   */
  boolean?: B | readonly Extract<B, string>[];
  /**
   * Options that gather every value that they are given.
   *
   * @default {[]}
   */
  collect?: OneOrMore<C>;
  /**
   * The values of options that are absent.
   *
   * @default {{}}
   */
  default?: D;
  /**
   * Options that `--no-name` sets to false.
   *
   * @default {[]}
   */
  negatable?: OneOrMore<N>;
  /**
   * Whether everything after the first argument that is no option is left as it is.
   *
   * @default {false}
   */
  stopEarly?: boolean;
  /**
   * Options whose value is a text, even where it looks like a number.
   *
   * @default {[]}
   */
  string?: OneOrMore<S>;
  /** Called with an argument that no option above names; if it returns false, the argument is dropped. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What an option gives; false too, if it has no declared type and `--no-name` exists. */
type ValueOf<Name, B, S, C, N> = Name extends B ? Gathered<Name, C, boolean>
  : Name extends S ? Gathered<Name, C, string> | Negated<Name, N>
  : Name extends C ? unknown[] | Negated<Name, N>
  : unknown;

type Gathered<Name, C, V> = Name extends C ? V[] : V;
type Negated<Name, N> = Name extends N ? false : never;
type Default<Name, D> = Name extends keyof D ? D[Name] : never;

/** An option's name and its aliases. */
type Names<Name, A> =
  & string
  & (Name extends keyof A ? Name | (A[Name] extends readonly (infer Other)[] ? Other : A[Name])
    : Name);

/** Options that have a value even when they are absent. */
type Present<B, C, D> = string & (B | C | keyof D);

/** What `parseArgs` returns when it is told of no string, boolean or collected option. */
interface Untyped {
  // deno-lint-ignore no-explicit-any -- std's documented type
  [name: string]: any;
}

interface Typed {
  [name: string]: unknown;
}

/** The options that have a value, the ones that may have none, and what belongs to no option. */
type Values<B, S, C, N, D, A> =
  & {
    [Name in Present<B, C, D> as Names<Name, A>]: ValueOf<Name, B, S, C, N> | Default<Name, D>;
  }
  & {
    [Name in Exclude<S & string, Present<B, C, D>> as Names<Name, A>]?: ValueOf<Name, B, S, C, N>;
  };

/** Makes one object type of an intersection, for editors to show. */
type Flat<T> = { [Key in keyof T]: T[Key] };

/** The parsed arguments. */
export type Args<
  B extends string | boolean = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D = Readonly<Record<never, unknown>>,
  A = Readonly<Record<never, string>>,
  T extends boolean = false,
> = Flat<
  & ([Exclude<B, false> | S | C] extends [never] ? Untyped : Typed & Values<B, S, C, N, D, A>)
  & {
    /** The arguments that belong to no option. */
    _: (string | number)[];
  }
  & (T extends true ? {
      /** The arguments after `--`. */
      "--": string[];
    }
    : unknown)
>;

/** Names given singly or in a list. */
export type Names<Name extends string> = Name | readonly Name[];

/** Which names stand for which: `{ help: "h" }`, `{ help: ["h", "?"] }`. */
export type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** How `parseArgs` is to read the arguments. */
export interface ParseOptions<
  B extends string = string,
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
  boolean?: boolean | Names<B>;
  /**
   * Options that gather every value that they are given.
   *
   * @default {[]}
   */
  collect?: Names<C>;
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
  negatable?: Names<N>;
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
  string?: Names<S>;
  /** Called with an argument that no option above names; if it returns false, the argument is dropped. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The type of one option's value; `Negated` is false where `--no-name` exists, and never where not. */
type ValueOf<Name, B, C, S, Negated> = Name extends B ? Gathered<Name, C, boolean>
  : Name extends S ? Gathered<Name, C, string> | Negated
  : unknown[] | Negated;

type Gathered<Name, C, V> = Name extends C ? V[] : V;

/** Whether an option has a value when it is absent: booleans and gathered ones do. */
type Present<B, C> = B | C;

/** The other names of an option. */
type OtherNames<Name, A> = Name extends keyof A
  ? A[Name] extends string ? A[Name] : A[Name] extends readonly (infer Other)[] ? Other : never
  : never;

/** An option's name, and its other names. */
type AllNames<Name, A> = Name | OtherNames<Name, A>;

/** The option's value, with the type of its default, if it has one. */
type WithDefault<Name, V, D> = Name extends keyof D ? V | D[Name] : V;

/** What `parseArgs` returns when it is told of no string, boolean or collected option. */
interface Untyped {
  // deno-lint-ignore no-explicit-any -- std's documented type
  [name: string]: any;
}

type Typed<B extends string, S extends string, C extends string, N extends string, D, A> =
  & Record<string, unknown>
  & {
    [Name in Present<B, C> | (S & keyof D) as AllNames<Name, A> & string]: WithDefault<
      Name,
      ValueOf<Name, B, C, S, Name extends N ? false : never>,
      D
    >;
  }
  & {
    [Name in Exclude<S, Present<B, C> | keyof D> as AllNames<Name, A> & string]?: ValueOf<
      Name,
      B,
      C,
      S,
      Name extends N ? false : never
    >;
  };

/** Makes one object type of an intersection, for editors to show. */
type Flat<T> = { [Key in keyof T]: T[Key] };

/** The parsed arguments. */
export type Args<
  B extends string = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D = unknown,
  A = unknown,
  T extends boolean = false,
> = Flat<
  & ([B | S | C] extends [never] ? Untyped : Typed<B, S, C, N, D, A>)
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

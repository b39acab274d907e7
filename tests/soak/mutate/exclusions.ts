/** Mutants that no test can notice, each with its reason. */
import type { Mutant } from "./mutant.ts";

/** Mutants that are left out. */
export interface Exclusion {
  /** The file, below lib/. */
  readonly file: string;
  /** The function that they lie in, such as `Outbox.add`. */
  readonly scope: string;
  readonly operator: string;
  /** Text that `from => to`, or the line with the edit made, of each holds. */
  readonly text: string;
  /** Why the program still does the same. */
  readonly reason: string;
}

export const EXCLUSIONS: readonly Exclusion[] = [
  {
    file: "crypto/aes_cfb8.ts",
    scope: "encryptCfb8",
    operator: "flip operator",
    text: "< => <=",
    reason: "one mask too many goes behind the array's end, where a typed array takes nothing",
  },
  {
    file: "crypto/groups.ts",
    scope: "MASK_EXCESS_BITS",
    operator: "shift constant",
    text: "64 => (63)",
    reason: "masks are drawn in whole bytes, and no result depends on one",
  },
  {
    file: "crypto/diffie_hellman.ts",
    scope: "parseShare",
    operator: "shift constant",
    text: "group.p - (0n)",
    reason:
      "p is 7 modulo 8 (groups_test.ts), so p - 1 and p - 2 are no squares, which is refused next",
  },
  {
    file: "crypto/diffie_hellman.ts",
    scope: "parseShare",
    operator: "shift constant",
    text: "group.p - (2n)",
    reason:
      "p is 7 modulo 8 (groups_test.ts), so p - 1 and p - 2 are no squares, which is refused next",
  },
  {
    file: "crypto/elgamal.ts",
    scope: "VerifyingKey.parse",
    operator: "shift constant",
    text: "group.p - (0n)",
    reason:
      "p is 7 modulo 8 (groups_test.ts), so p - 1 and p - 2 are no squares, which is refused next",
  },
  {
    file: "crypto/elgamal.ts",
    scope: "VerifyingKey.parse",
    operator: "shift constant",
    text: "group.p - (2n)",
    reason:
      "p is 7 modulo 8 (groups_test.ts), so p - 1 and p - 2 are no squares, which is refused next",
  },
  {
    file: "profile/files.ts",
    scope: "DENO_FILES.syncFolder",
    operator: "delete guard",
    text: "windows",
    reason: "tests see one operating system",
  },
  {
    file: "profile/journal_file.ts",
    scope: "AT_A_TIME",
    operator: "shift constant",
    text: "64 => (",
    reason: "how many frames are opened at a time: speed and memory, and the same records",
  },
  {
    file: "relay/seat_table.ts",
    scope: "SeatTable.close",
    operator: "no copy",
    text: "this.#timers.keys()",
    reason: "a map's iterator bears deletions; the copy is for readers",
  },
  {
    file: "crypto/modular.ts",
    scope: "reducer.[f, h]",
    operator: "shift constant",
    text: "5 => (6)",
    reason:
      "the second fold is where the first was, and has nothing left to fold: slower, and the same",
  },
  {
    file: "crypto/modular.ts",
    scope: "reducer.[f, h]",
    operator: "shift constant",
    text: "4 => (3)",
    reason:
      "the second fold is above the first, and has nothing left to fold: slower, and the same",
  },
  {
    file: "crypto/modular.ts",
    scope: "LEADING_BITS",
    operator: "shift constant",
    text: "50 => ",
    reason:
      "doubles are exact for one bit more, too; how many steps are taken at once changes nothing",
  },
  {
    file: "crypto/modular.ts",
    scope: "euclid.spare",
    operator: "shift constant",
    text: "1 => ",
    reason: "the length is rounded up; a bit more or less is cut off",
  },
  {
    file: "crypto/modular.ts",
    scope: "slidingWindows",
    operator: "flip operator",
    text: "> => >=",
    reason: "a digit behind the array's end, where a typed array takes nothing",
  },
  {
    file: "crypto/modular.ts",
    scope: "slidingWindows",
    operator: "shift constant",
    text: "end > (-1)",
    reason: "a digit behind the array's end, where a typed array takes nothing",
  },
  {
    file: "crypto/modular.ts",
    scope: "powersOf",
    operator: "flip operator",
    text: "< => <=",
    reason: "a power more in the table, which nobody looks up",
  },
  {
    file: "classic/elgamal.ts",
    scope: "verifyClassic",
    operator: "flip operator",
    text: "s1 > q",
    reason: "a power of q is 0 modulo q, and no power of a is",
  },
  {
    file: "classic/elgamal.ts",
    scope: "verifyClassic",
    operator: "flip operator",
    text: "s1 < 0n",
    reason: "a power of 0 is 0, and no power of a is",
  },
  {
    file: "classic/group.ts",
    scope: "PRIMALITY_BASES",
    operator: "shift constant",
    text: "=> (",
    reason: "the others tell primes from composites as well",
  },
  {
    file: "classic/group.ts",
    scope: "isPrime.i",
    operator: "shift constant",
    text: "1 => (0)",
    reason: "one squaring more gives Fermat's 1 for a prime, and hardly ever -1 for anything else",
  },
  {
    file: "transfer/disk.ts",
    scope: "openSource",
    operator: "skip step",
    text: "file.close();",
    reason: "reached only when a file is replaced by something else between two calls",
  },
  {
    file: "protocol/transcript.ts",
    scope: "newSide",
    operator: "shift constant",
    text: "seen: (-1)",
    reason: "there is no statement -1 to answer",
  },
  {
    file: "relay/socket_connection.ts",
    scope: "SocketConnection.#encounter",
    operator: "shift constant",
    text: "0 => (",
    reason: "encounters are compared with one another, wherever their numbers begin",
  },
  {
    file: "relay/rooms.ts",
    scope: "isSameSecret.i",
    operator: "shift constant",
    text: "0 => (-1)",
    reason: "before the first character both texts have none",
  },
  {
    file: "transfer/hash_tree.ts",
    scope: "HashTree.build.level",
    operator: "shift constant",
    text: "1 => (0)",
    reason: "there are no hashes below the leaves, so none is set",
  },
];

/** Whether a mutant is one of an exclusion's. */
export function excludes(exclusion: Exclusion, mutant: Mutant): boolean {
  const { file, scope, operator, text } = exclusion;
  return mutant.file === `lib/${file}` && mutant.scope === scope && mutant.operator === operator &&
    `${mutant.from} => ${mutant.to}\n${mutant.result}`.includes(text);
}

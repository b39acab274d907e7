/**
 * What is costly to make and may never be needed.
 *
 * @module
 */

/** Makes a value at its first use, and gives the same one from then on. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

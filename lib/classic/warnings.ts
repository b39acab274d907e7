/**
 * Warnings before the first line of a session in the suite `classic`.
 *
 * @module
 */
import { type ClassicGroup, smallGroupWarning } from "./group.ts";

const INSECURE =
  "--classic speaks the original protocol, which is INSECURE: whoever runs the relay can read and change " +
  "everything. It is for study and for that protocol's own clients; without --classic parley is safe";

/** The warnings to show at the start, a line each. */
export function classicWarnings(group: ClassicGroup): readonly string[] {
  const small = smallGroupWarning(group);
  return small === null ? [INSECURE] : [INSECURE, small];
}

/**
 * Entry points in the test's own process, with what they print.
 *
 * @module
 */
import type { Finished } from "./processes.ts";

/** Runs an entry point, and gives what it printed on the console meanwhile. */
export async function captured(main: () => Promise<number>): Promise<Finished> {
  const { log, error } = console;
  let [stdout, stderr] = ["", ""];
  console.log = (line: string) => void (stdout += `${line}\n`);
  console.error = (line: string) => void (stderr += `${line}\n`);
  try {
    const code = await main();
    return { code, stdout, stderr };
  } finally {
    Object.assign(console, { log, error });
  }
}

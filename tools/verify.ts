/**
 * `deno task verify FILE`: checks an exported transcript, offline and with nothing but the file.
 *
 * @module
 */
import { shown } from "../lib/cli/options.ts";
import { EXIT, type ExitCode, ParleyError, UsageError } from "../lib/errors.ts";
import { keyFingerprint } from "../lib/protocol/fingerprint.ts";
import { type Verdict, verifyTranscript } from "../lib/protocol/transcript.ts";
import { safeText } from "../lib/safe_text.ts";

const HELP = `Checks a transcript that a client exported with /export.

Usage: deno task verify FILE

Exit codes: 0 every line holds, 1 the file can't be read, 2 wrong usage, 3 a line does not hold.
It proves that the holders of the two keys said these things to each other. Whose keys they
are, only their owners can tell you: compare the digits with them.`;

async function report({ identities, names, exporter, counts }: Verdict): Promise<string[]> {
  const lines = ["Every line holds."];
  for (const role of ["low", "high"] as const) {
    const name = safeText(names[role]) || "(no name)";
    const exported = role === exporter ? ", and exported this" : "";
    lines.push(`${name} signed ${counts[role]} lines${exported}; the key:`);
    lines.push(`  ${await keyFingerprint(identities[role].bytes)}`);
  }
  return lines;
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError("cannot-read", `cannot read ${shown(path)}: ${reason}`);
  }
}

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    if (args.includes("--help")) {
      console.log(HELP);
      return EXIT.ok;
    }
    const [path, ...more] = args;
    if (path === undefined || path.startsWith("-") || more.length > 0) {
      throw new UsageError("name one transcript: deno task verify FILE");
    }
    const verdict = await verifyTranscript(await readFile(path));
    for (const line of await report(verdict)) console.log(line);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    console.error(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));

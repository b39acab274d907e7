/**
 * `deno task verify FILE`: checks an exported transcript, offline and with nothing but the file.
 *
 * @module
 */
import { type Command, shown, textOf } from "./lib/cli/options.ts";
import { runCommand } from "./lib/cli/run.ts";
import { EXIT, type ExitCode, ParleyError, UsageError } from "./lib/errors.ts";
import { keyFingerprint } from "./lib/protocol/fingerprint.ts";
import { type TranscriptVerdict, verifyTranscript } from "./lib/protocol/transcript.ts";
import { safeText } from "./lib/safe_text.ts";

const COMMAND: Command = {
  name: "deno task verify",
  summary: "Checks a transcript that a client exported with /export.",
  operands: { usage: "FILE", forms: [["FILE", "the transcript"]] },
  options: [],
  note: "It proves that the holders of the two keys said these things to each other. Whose keys " +
    "they are, only their owners can tell you: compare the digits with them.",
  exits: [
    [0, "every line holds"],
    [1, "the file can't be read"],
    [2, "wrong usage"],
    [3, "a line does not hold"],
  ],
  examples: [],
};

async function report(
  { identities, names, exporter, counts }: TranscriptVerdict,
): Promise<string[]> {
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

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(COMMAND, args, async (said) => {
    const path = textOf(said, "FILE");
    if (path === undefined) throw new UsageError("name one transcript: deno task verify FILE");
    for (const line of await report(await verifyTranscript(await readFile(path)))) {
      console.log(line);
    }
    return EXIT.ok;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));

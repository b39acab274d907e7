/**
 * The play of a transcript that its exporter changes: Bob asks, Alice answers, and Bob exports.
 *
 * @module
 */
import { utf8 } from "../../lib/crypto/bytes.ts";
import { ParleyError } from "../../lib/errors.ts";
import { verifyTranscript } from "../../lib/protocol/transcript.ts";
import { mustNot, mustReach, type Refusal } from "../attack.ts";
import { changeTranscript, type Exporter, type Line } from "../forge/transcript.ts";
import type { Lab } from "../harness/lab.ts";

/** What Bob asks. */
export const QUESTION = "Do you owe me 100 euros?";
/** What Alice says. */
export const ANSWER = "Yes. I pay on Monday.";

/** Bob's transcript, and what he needs to change it. */
interface Export {
  readonly text: string;
  readonly exporter: Exporter;
}

/**
 * The two talk, and Bob exports. The control is the tool that changes transcripts, without a change: what it makes
 * verifies, so that later it is the change that is refused.
 */
function talk(lab: Lab): Promise<Export> {
  return lab.once("transcript", async () => {
    const { alice, bob } = await lab.ownPair();
    bob.say(QUESTION);
    await lab.until(() => alice.texts.includes(QUESTION), "Alice reads");
    alice.say(ANSWER);
    await lab.until(() => bob.texts.includes(ANSWER), "Bob reads");
    const { text } = (await bob.conversation.exportTranscripts())[0]!;
    const exporter = { ...bob.facts!, identity: bob.identity };
    const { counts } = await verifyTranscript(
      utf8(await changeTranscript(text, (lines) => lines, exporter)),
    );
    mustReach(counts.low > 1 && counts.high > 1, "the transcript verifies as it is");
    return { text, exporter };
  });
}

/** Bob makes his transcript say `instead` where it says `said`. */
export function changeExport(lab: Lab, said: string, instead: string): Promise<Refusal> {
  lab.narrate("Bob changes a line, and makes every hash and his own signatures again", {
    said,
    instead,
  });
  return refuseExport(
    lab,
    (lines) => lines.map((line) => line.text === said ? { ...line, text: instead } : line),
  );
}

/** Bob puts a line of Alice's behind all others, without a signature. */
export function appendToExport(lab: Lab, added: string): Promise<Refusal> {
  lab.narrate(
    "Bob appends a line in Alice's name, and makes every hash and his own signatures again",
    {
      added,
    },
  );
  return refuseExport(lab, (lines) => {
    const last = lines.findLast(({ text }) => text === ANSWER)!;
    const [line, sequence] = [lines.length + 2, last.sequence + 1];
    return [...lines, { ...last, line, sequence, text: added, signature: null }];
  });
}

async function refuseExport(lab: Lab, change: (lines: Line[]) => Line[]): Promise<Refusal> {
  const { text, exporter } = await talk(lab);
  const forged = await changeTranscript(text, change, exporter);
  mustReach(forged.length !== text.length, "the transcript is another");
  const error = await verifyTranscript(utf8(forged)).then(() => null, (error) => error);
  mustNot(error === null, "the changed transcript verifies");
  if (!(error instanceof ParleyError)) throw error;
  lab.narrate("the verifier", { says: error.message });
  return { code: error.code, seen: error.message };
}

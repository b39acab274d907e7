/**
 * The play of a transcript that its exporter changes: Bob asks, Alice answers, and Bob exports.
 *
 * @module
 */
import { utf8 } from "../../../lib/crypto/bytes.ts";
import { ParleyError } from "../../../lib/errors.ts";
import { verifyTranscript } from "../../../lib/protocol/transcript.ts";
import { mustNot, mustReach, type Refusal } from "../attack.ts";
import { changeTranscript, type Exporter } from "../forge/transcript.ts";
import type { Lab } from "../lab/lab.ts";

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
    const { text } = await bob.conversation.exportTranscript();
    const exporter = { ...bob.facts!, identity: bob.identity };
    const { counts } = await verifyTranscript(
      utf8(await changeTranscript(text, QUESTION, QUESTION, exporter)),
    );
    mustReach(counts.low > 1 && counts.high > 1, "the transcript verifies as it is");
    return { text, exporter };
  });
}

/** Bob makes his transcript say `instead` where it says `said`. */
export async function changeExport(lab: Lab, said: string, instead: string): Promise<Refusal> {
  const { text, exporter } = await talk(lab);
  const forged = await changeTranscript(text, said, instead, exporter);
  mustReach(text.includes(said) && forged.includes(instead), "the transcript is changed");
  const error = await verifyTranscript(utf8(forged)).then(() => null, (error) => error);
  mustNot(error === null, "the changed transcript verifies");
  if (!(error instanceof ParleyError)) throw error;
  lab.tell("Bob changes a line, and makes every hash and his own signatures again", {
    said,
    instead,
    error: error.message,
  });
  return { code: error.code, seen: error.message };
}

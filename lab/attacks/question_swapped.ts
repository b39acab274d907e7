import { type Attack, mustHold } from "../attack.ts";
import { ANSWER, changeExport, QUESTION } from "../plays/changed_transcript.ts";
import { digest, type KeyPair, type Signature, verify } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { SignedClient } from "../textbook/signed_client.ts";

const CHANGED = "Do you owe me 9,000 euros?";

/** A line of a log in which each line is signed, by itself. */
interface SignedLine {
  readonly text: string;
  readonly speaker: KeyPair["y"];
  readonly signature: Signature;
}

function verifyLog(log: readonly SignedLine[]): boolean {
  return log.every(({ text, speaker, signature }) =>
    verify(MODP, speaker, digest(text), signature)
  );
}

/** Another question before a real answer. */
export const questionSwapped: Attack = {
  name: "question-swapped",
  family: "implementation flaws",
  idea: 'Bob may sign any question of his own: he puts another one before Alice\'s signed "yes".',
  formula: 'Sign(x_B, question\'), Sign(x_A, "yes"): both are real, and nothing ties them',
  check: "a line signs what it answers",
  defence: "a statement signs the hash of what it answers",
  code: "bad-transcript",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair((port) => new SignedClient(port));
    alice.say(ANSWER);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const [a, b] = [alice.elgamal.y, bob.elgamal.y];
    const answer = { text: bob.shown[0]!, speaker: a, signature: bob.signatures[0]! };
    const ask = (text: string) => ({ text, speaker: b, signature: bob.sign(text) });
    const [honest, forged] = [[ask(QUESTION), answer], [ask(CHANGED), answer]];
    const read = (log: readonly SignedLine[]) => log.map(({ text }) => text).join(" - ");
    lab.narrate("Bob's log, each line with its signature", {
      before: read(honest),
      after: read(forged),
    });
    mustHold(verifyLog(honest) && verifyLog(forged), "both verify");
    return `Bob's log verifies: "${read(forged)}"`;
  },

  parley: (lab) => changeExport(lab, QUESTION, CHANGED),
};

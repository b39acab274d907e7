import { type Attack, mustHold } from "../attack.ts";
import { ANSWER, appendToExport } from "../plays/changed_transcript.ts";
import { digest, type Signature, verify } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { SignedClient } from "../textbook/signed_client.ts";

const ADDED = "And I give you my bicycle.";

/** A line of a log; the last ones of a burst wait for a signature. */
interface Line {
  readonly text: string;
  readonly signature: Signature | null;
}

function verifyLog(speaker: bigint, log: readonly Line[]): boolean {
  return log.every(({ text, signature }) =>
    signature === null || verify(MODP, speaker, digest(text), signature)
  );
}

/** A line that nobody signed, among those that somebody did. */
export const unsignedLine: Attack = {
  name: "unsigned-line",
  family: "implementation flaws",
  idea: "Not every line has a signature of its own: Bob puts one without behind what Alice signed.",
  formula: "verify each signature that is there",
  check: "a signature covers every line",
  defence: "each line is covered by a signature of its sender, its own or a later one",
  code: "bad-transcript",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair((port) => new SignedClient(port));
    alice.say(ANSWER);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const honest: Line[] = [{ text: bob.shown[0]!, signature: bob.signatures[0]! }];
    const forged: Line[] = [...honest, { text: ADDED, signature: null }];
    lab.narrate("Bob's log of what Alice said", { log: forged.map(({ text }) => text).join(" ") });
    mustHold(verifyLog(alice.elgamal.y, honest), "the real log verifies");
    mustHold(verifyLog(alice.elgamal.y, forged), "the longer one does, too");
    return `Bob's log verifies, and ends with "${ADDED}"`;
  },

  parley: (lab) => appendToExport(lab, ADDED),
};

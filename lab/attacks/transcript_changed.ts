import { createHash } from "node:crypto";
import { type Attack, mustHold } from "../attack.ts";
import { ANSWER, changeExport, QUESTION } from "../plays/changed_transcript.ts";
import { TextbookClient } from "../textbook/client.ts";

const CHANGED = "Yes. I pay twice, on Sunday.";

/** A textbook log: each line with a hash over itself and the one before. */
function writeLog(lines: readonly string[]): string[] {
  let previous = "";
  return lines.map((line) => {
    previous = createHash("sha256").update(`${previous} ${line}`).digest("hex");
    return `${line} #${previous}`;
  });
}

/** Whether each line of a log has its hash. */
function verifyLog(log: readonly string[]): boolean {
  const lines = log.map((line) => line.slice(0, line.lastIndexOf(" #")));
  return writeLog(lines).join() === log.join();
}

/** A log that its keeper improves. */
export const transcriptChanged: Attack = {
  name: "transcript-changed",
  family: "implementation flaws",
  idea:
    "Bob changes what Alice said in the log that he keeps, and hashes again: it still verifies.",
  formula: "h_i = SHA-256(h_(i-1), line_i) needs no key",
  check: "each line hangs on a signature",
  defence: "each line hangs on a signature of who said it",
  code: "bad-transcript",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair((port) => new TextbookClient(port));
    alice.say(ANSWER);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const honest = writeLog([QUESTION, ...bob.shown]);
    const forged = writeLog([QUESTION, ...bob.shown.map(() => CHANGED)]);
    lab.narrate("Bob's log, before and after", { before: honest[1]!, after: forged[1]! });
    mustHold(verifyLog(honest) && verifyLog(forged), "both verify");
    mustHold(
      !verifyLog([honest[0]!, `${CHANGED} #${honest[1]!.split(" #")[1]}`]),
      "a hash is checked",
    );
    return `Bob's log says that Alice said "${CHANGED}"`;
  },

  parley: (lab) => changeExport(lab, ANSWER, CHANGED),
};

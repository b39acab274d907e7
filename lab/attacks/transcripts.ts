/**
 * Transcripts that one of the two has changed.
 *
 * @module
 */
import { SHA256_BYTES } from "../../lib/crypto/hash.ts";
import { addHeads, lastHead, newHeads } from "../../lib/protocol/heads.ts";
import { createHash } from "node:crypto";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { ParleyError } from "../../lib/errors.ts";
import { verifyTranscript } from "../../lib/protocol/transcript.ts";
import { type Attack, mustHold, mustNot, mustReach, type Refusal } from "../attack.ts";
import { changeTranscript, type Exporter, type Line } from "../forge/transcript.ts";
import type { Port } from "../harness/connection.ts";
import type { Lab } from "../harness/lab.ts";
import { TextbookClient } from "../textbook/client.ts";
import { asFields, digest, MODP, type Signature, verify } from "../textbook/elgamal.ts";
import type { Json } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

/** What Bob asks. */
const QUESTION = "Do you owe me 100 euros?";
/** What Alice says. */
const ANSWER = "Yes. I pay on Monday.";

/**
 * The two talk, and Bob exports. The control is the tool that changes transcripts, without a change: what it makes
 * verifies, so that later it is the change that is refused.
 */
function talk(lab: Lab): Promise<{ text: string; exporter: Exporter }> {
  return lab.once("transcript", async () => {
    const { alice, bob } = await lab.ownPair();
    bob.say(QUESTION);
    await lab.until(() => alice.texts.includes(QUESTION), "Alice reads");
    alice.say(ANSWER);
    await lab.until(() => bob.texts.includes(ANSWER), "Bob reads");
    const { text } = (await bob.conversation.exportTranscripts())[0]!;
    const exporter = { ...bob.facts!, identity: bob.identity };
    const same = await changeTranscript(text, (lines) => lines, exporter);
    const { counts } = await verifyTranscript(utf8(same));
    mustReach(counts.low > 1 && counts.high > 1, "the transcript verifies as it is");
    return { text, exporter };
  });
}

/** Bob makes his transcript say `instead` where it says `said`. */
function changeExport(lab: Lab, said: string, instead: string): Promise<Refusal> {
  const step = "Bob changes a line, and makes every hash and his own signatures again";
  lab.narrate(step, { said, instead });
  const change = (line: Line) => line.text === said ? { ...line, text: instead } : line;
  return refuseExport(lab, (lines) => lines.map(change));
}

/** Bob puts a line of Alice's behind all others, without a signature. */
function appendToExport(lab: Lab, added: string): Promise<Refusal> {
  const step =
    "Bob appends a line in Alice's name, and makes every hash and his own signatures again";
  lab.narrate(step, { added });
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

const OTHER_ANSWER = "Yes. I pay twice, on Sunday.";

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A textbook log: each line with a hash over itself and the one before. */
function writeLog(lines: readonly string[]): string[] {
  let previous = "";
  return lines.map((line) => {
    previous = hash(`${previous} ${line}`);
    return `${line} #${previous}`;
  });
}

/** Whether each line of a log has its hash. */
function verifyHashes(log: readonly string[]): boolean {
  const lines = log.map((line) => line.slice(0, line.lastIndexOf(" #")));
  return writeLog(lines).join() === log.join();
}

const transcriptChanged: Attack = {
  name: "transcript-changed",
  idea:
    "Bob changes what Alice said in the log that he keeps, and hashes again: it still verifies.",
  formula: "h_i = SHA-256(h_(i-1), line_i) needs no key",
  check: "each line hangs on a signature",
  defence: "each line hangs on a signature of who said it",
  code: "bad-transcript",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair(TextbookClient);
    await lab.tell(alice, ANSWER, bob);
    const honest = writeLog([QUESTION, ...bob.shown]);
    const forged = writeLog([QUESTION, ...bob.shown.map(() => OTHER_ANSWER)]);
    lab.narrate("Bob's log, before and after", { before: honest[1]!, after: forged[1]! });
    mustHold(verifyHashes(honest) && verifyHashes(forged), "both verify");
    mustHold(
      !verifyHashes([honest[0]!, `${OTHER_ANSWER} #${honest[1]!.split(" #")[1]}`]),
      "a hash is checked",
    );
    return `Bob's log says that Alice said "${OTHER_ANSWER}"`;
  },

  parley: (lab) => changeExport(lab, ANSWER, OTHER_ANSWER),
};

const OTHER_QUESTION = "Do you owe me 9,000 euros?";

/** A line of a log that is signed by itself, or waits for a signature behind it. */
interface SignedLine {
  readonly text: string;
  readonly speaker: bigint;
  readonly signature: Signature | null;
}

function verifyLog(log: readonly SignedLine[]): boolean {
  return log.every(({ text, speaker, signature }) =>
    signature === null || verify(MODP, speaker, digest(text), signature)
  );
}

const questionSwapped: Attack = {
  name: "question-swapped",
  idea: 'Bob may sign any question of his own: he puts another one before Alice\'s signed "yes".',
  formula: 'Sign(x_B, question\'), Sign(x_A, "yes"): both are real, and nothing ties them',
  check: "a line signs what it answers",
  defence: "a statement signs the hash of what it answers",
  code: "bad-transcript",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair(SignedClient);
    await lab.tell(alice, ANSWER, bob);
    const [a, b] = [alice.elgamal.y, bob.elgamal.y];
    const answer = { text: bob.shown[0]!, speaker: a, signature: bob.signatures[0]! };
    const ask = (text: string) => ({ text, speaker: b, signature: bob.sign(text) });
    const [honest, forged] = [[ask(QUESTION), answer], [ask(OTHER_QUESTION), answer]];
    const read = (log: readonly SignedLine[]) => log.map(({ text }) => text).join(" - ");
    lab.narrate("Bob's log, each line with its signature", {
      before: read(honest),
      after: read(forged),
    });
    mustHold(verifyLog(honest) && verifyLog(forged), "both verify");
    return `Bob's log verifies: "${read(forged)}"`;
  },

  parley: (lab) => changeExport(lab, QUESTION, OTHER_QUESTION),
};

const ADDED = "And I give you my bicycle.";

const unsignedLine: Attack = {
  name: "unsigned-line",
  idea: "Not every line has a signature of its own: Bob puts one without behind what Alice signed.",
  formula: "verify each signature that is there",
  check: "a signature covers every line",
  defence: "each line is covered by a signature of its sender, its own or a later one",
  code: "bad-transcript",

  async textbook(lab) {
    const { alice, bob } = await lab.textbookPair(SignedClient);
    await lab.tell(alice, ANSWER, bob);
    const speaker = alice.elgamal.y;
    const honest = [{ text: bob.shown[0]!, speaker, signature: bob.signatures[0]! }];
    const forged = [...honest, { text: ADDED, speaker, signature: null }];
    lab.narrate("Bob's log of what Alice said", { log: forged.map(({ text }) => text).join(" ") });
    mustHold(verifyLog(honest), "the real log verifies");
    mustHold(verifyLog(forged), "the longer one does, too");
    return `Bob's log verifies, and ends with "${ADDED}"`;
  },

  parley: (lab) => appendToExport(lab, ADDED),
};

const [OFFER, SEAL] = ["I pay you 1000 euros.", "Agreed, and signed: Mallory"];
const OTHER_OFFER = "I pay you 10 euros.";

/** A textbook whose lines name the hash of the line before, and in which the last line of a burst is signed for all. */
class ChainingClient extends TextbookClient {
  /** What each signed line was signed with: what it says about the line before, and its signature. */
  readonly proofs: { previous: string; signature: Signature }[] = [];
  #previous = "";

  constructor(port: Port, readonly claimed?: string) {
    super(port);
  }

  protected override sendMessage(text: string): void {
    const isLast = text === SEAL;
    const previous = isLast && this.claimed !== undefined ? hash(this.claimed) : this.#previous;
    const proof = isLast ? asFields(this.sign(`${previous} ${text}`)) : {};
    this.#previous = hash(text);
    super.sendMessage(text, { previous, ...proof });
  }

  protected override receiveMessage(fields: Json): void {
    const { previous, s1: r, s2: s } = fields;
    if (r !== undefined) {
      const holds = this.verify(`${previous} ${this.open(fields)}`, { r, s });
      if (!holds) return void this.refused.push("bad signature");
      this.proofs.push({ previous, signature: { r, s } });
    }
    super.receiveMessage(fields);
  }
}

const forkedChain: Attack = {
  name: "forked-chain",
  idea:
    "Mallory's signed line names the hash of a line that Alice never got: it proves another offer.",
  formula: 'Sign(x_M, H(offer\') || "agreed") verifies, whatever offer Alice has read',
  check: "each line follows the one read",
  defence: "a signature covers the hash of the line before, and the receiver computes that itself",
  code: "bad-signature",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, ChainingClient);
    const mallory = await lab.textbook(room, ChainingClient, OTHER_OFFER);
    mallory.say(OFFER);
    mallory.say(SEAL);
    await lab.until(() => alice.shown.length + alice.refused.length > 1, "Alice reads both");
    const { previous, signature } = alice.proofs[0]!;
    const proves = (offer: string) =>
      verify(MODP, mallory.elgamal.y, digest(`${hash(offer)} ${SEAL}`), signature);
    lab.narrate("what Alice has in hand, before a judge", {
      "she read": alice.shown.join(" "),
      "hash in the signed line": previous,
      "it proves her offer": proves(OFFER),
      [`it proves "${OTHER_OFFER}"`]: proves(OTHER_OFFER),
    });
    mustHold(alice.shown.join() === [OFFER, SEAL].join(), "Alice reads both lines");
    mustHold(!proves(OFFER) && proves(OTHER_OFFER), "the signature proves the other offer");
    return `Alice read "${OFFER}"; her proof says "${OTHER_OFFER}"`;
  },

  async parley(lab) {
    await lab.peerControl();
    const room = lab.room();
    const alice = await lab.client(room);
    const mallory = await lab.peer(room);
    mallory.say(OFFER);
    await lab.reads(alice);
    mustReach(alice.texts[0] === OFFER, "Alice has read the offer");
    const claimed = systemRandom(SHA256_BYTES);
    // From here on Mallory's own program believes that she had said something else before.
    mallory.post({
      type: "change",
      change: (session) => {
        const channel = session.channel!;
        const { hash } = lastHead(channel.ownHeads);
        lab.narrate("Mallory will sign a line that follows another than the one she sent", {
          "hash of what Alice read": hash,
          "hash in the signed line": claimed,
        });
        const ownHeads = addHeads(newHeads(hash), [claimed]);
        return { ...session, channel: { ...channel, ownHeads } };
      },
    });
    mallory.say(SEAL);
    await lab.until(() => alice.texts.length > 1 || alice.failure !== null, "Alice decides");
    const seen = "Alice ended the session; the line was not shown";
    return lab.refusal(alice, "secret-computed", "Alice ends the session", seen);
  },
};

export const TRANSCRIPTS: readonly Attack[] = [
  transcriptChanged,
  questionSwapped,
  unsignedLine,
  forkedChain,
];

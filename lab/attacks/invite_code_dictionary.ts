import { createHash } from "node:crypto";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { parseShare } from "../../lib/crypto/diffie_hellman.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { openBox } from "../../lib/crypto/secret_box.ts";
import type { Handshake } from "../../lib/protocol/handshake.ts";
import { deriveKeys } from "../../lib/protocol/key_schedule.ts";
import { ADJECTIVES, NOUNS } from "../../lib/protocol/words.ts";
import { GROUP, parseConfirmation, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Lab } from "../harness/lab.ts";
import type { Port } from "../harness/connection.ts";
import { TextbookClient } from "../textbook/client.ts";

const [CODE, GUESS] = ["5-amber-canyon-flute", "5-amber-canyon-forest"];

function proofOf(code: string, ...keys: string[]): string {
  return createHash("sha256").update([code, ...keys].join(" ")).digest("hex");
}

/** A textbook that proves the code with a hash of it and of both keys. */
class ProvingClient extends TextbookClient {
  readonly #code: string;

  constructor(port: Port, code: string) {
    super(port);
    this.#code = code;
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const proof = proofOf(this.#code, String(this.elgamal.y), payload);
    this.port.emit("SECURE", proof);
    return super.receiveKey(payload);
  }
}

/** What an attacker has in hand after his one guess: his state, and the victim's confirmation. */
async function oneGuess(lab: Lab): Promise<{
  code: string;
  state: Handshake;
  share: Bytes;
  confirmation: Bytes;
}> {
  const room = lab.room();
  const alice = await lab.client(room, { code: CODE });
  const states: Handshake[] = [];
  const mallory = lab.leg(room, "alice", {
    code: GUESS,
    tamper: (_event, payload, { session }) => {
      if (session.handshake !== null) states.push(session.handshake);
      return payload;
    },
  });
  room.meddle = ({ event, payload }) => {
    mallory.hear(event, payload);
    return [];
  };
  room.begin("alice");
  await lab.until(() => alice.failure !== null || alice.facts !== null, "Alice decides");
  mustNot(alice.failure === null, "Alice took the wrong code");
  await lab.until(() => room.sent("alice", "SECURE_BC").length > 0, "Alice's confirmation arrives");
  const [share] = room.sent("alice", "DEFF_HELLMAN_PK_BC");
  const [confirmation] = room.sent("alice", "SECURE_BC");
  return {
    code: alice.failure!.code,
    state: states.at(-1)!,
    share: share!,
    confirmation: confirmation!,
  };
}

/** Testing all codes at home. */
export const inviteCodeDictionary: Attack = {
  name: "invite-code-dictionary",
  family: "authentication",
  idea: "The relay records one proof of the code, and tries all codes against it at home.",
  formula: "SHA-256(code, y_A, y_B) for each of 256 * 256 codes of two words",
  check: "CPace: nothing to test offline",
  defence: "CPace: what is sent tests one guess, the one it was made with",
  code: "bad-code",
  answer: "refused",

  async textbook(lab) {
    const [i, j] = crypto.getRandomValues(new Uint8Array(2));
    const code = `${ADJECTIVES[i!]}-${NOUNS[j!]}`;
    const { alice, bob, room } = await lab.textbookPair((port) => new ProvingClient(port, code));
    const recorded = room.sentTexts("alice", "SECURE_BC")[0]!;
    const keys = [String(alice.elgamal.y), String(bob.elgamal.y)];
    const guesses = ADJECTIVES.flatMap((one) => NOUNS.map((two) => `${one}-${two}`));
    const found = guesses.find((guess) => proofOf(guess, ...keys) === recorded);
    lab.narrate("the recorded proof, and the one code of 65,536 that makes it", {
      proof: recorded,
      "found at guess": guesses.indexOf(found ?? "") + 1,
      code: found ?? "none",
    });
    mustHold(found === code, "the code is found");
    return `the code "${found}" found out of ${guesses.length}, and nobody noticed`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const { code, state, share, confirmation } = await oneGuess(lab);
    const { own, exchange, agreement } = state;
    // Mallory's secret, whatever code is tried: the guess is in her share already, and a logarithm guards it.
    const peerShare = parseShare(GROUP, parseShareMessage(share).share)!;
    const diffieHellman = exchange!.diffieHellman.sharedSecret(peerShare, systemRandom);
    const kem = await own.kem.decapsulate(parseShareMessage(share).kemCiphertext);
    const [kemLow, kemHigh] = exchange!.role === "low"
      ? [exchange!.kemSecret, kem]
      : [kem, exchange!.kemSecret];
    const keys = await deriveKeys(agreement!.transcript, { diffieHellman, kemLow, kemHigh });
    mustReach(keys.root.toHex() === agreement!.keys.root.toHex(), "these are Mallory's own keys");
    const victim = exchange!.role === "low" ? "high" : "low";
    const box = parseConfirmation(confirmation);
    const opened = await openBox(keys.confirmation[victim], keys.sessionId, box);
    lab.narrate(
      "Mallory has Alice's share and confirmation, and is even told the code afterwards",
      {
        "her share, made with the guess": exchange!.diffieHellman.share,
        "the only secret she can compute": diffieHellman,
        "the confirmation opens": opened !== null,
      },
    );
    mustNot(opened !== null, "the confirmation opens without the code");
    return {
      code,
      seen: "one guess; told the right code, the attacker can't recognize it",
    };
  },
};

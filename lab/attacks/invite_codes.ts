/**
 * Attacks on invite codes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseShare } from "../../lib/crypto/diffie_hellman.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { openBox } from "../../lib/crypto/secret_box.ts";
import type { Handshake } from "../../lib/protocol/handshake.ts";
import { deriveKeys } from "../../lib/protocol/key_schedule.ts";
import { GROUP, parseConfirmation, parseShareMessage } from "../../lib/protocol/wire.ts";
import { ADJECTIVES, NOUNS } from "../../lib/protocol/words.ts";
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import type { Lab } from "../harness/lab.ts";
import { honestly } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";
import type { Json } from "../textbook/json.ts";

const [CODE, GUESS] = ["3-quiet-meadow-violin", "3-quiet-meadow-walnut"];

/** The textbook's codes have three digits. */
const CODES = 1000;
const threeDigits = (code: number) => String(code).padStart(3, "0");
const drawCode = () => threeDigits(crypto.getRandomValues(new Uint32Array(1))[0]! % CODES);

/** A textbook whose inviter asks for a code of three digits, and asks again if it is wrong. */
class AskingClient extends TextbookClient {
  constructor(port: Port, readonly code: string) {
    super(port);
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    if (hello.code === this.code) return super.receiveHello(hello);
    this.port.emit("SECURE", "wrong code, please try again");
  }
}

const inviteCodeGuess: Attack = {
  name: "invite-code-guess",
  idea: "A stranger tries one invite code after the other, for a wrong one costs him nothing.",
  formula: "1000 codes, one question each",
  check: "one wrong guess spends the code",
  defence: "the first wrong guess ends the session and spends the code",
  code: "bad-code",

  async textbook(lab) {
    const code = drawCode();
    const room = lab.room(() => [], { begins: false });
    const alice = await lab.textbook(room, AskingClient, code);
    let guess = -1;
    const next = () => {
      const code = threeDigits(++guess);
      room.deliver("alice", "ELGAMAL_PK_BC", `{"y": 2, "code": "${code}"}`);
    };
    room.meddle = ({ event }) => {
      if (event === "SECURE_BC") next();
      return [];
    };
    next();
    await lab.until(() => alice.peerKey !== null, "Alice lets somebody in");
    lab.narrate("the stranger tries one after the other", {
      guesses: guess + 1,
      "Alice's code": code,
    });
    mustHold(threeDigits(guess) === code, "the code is found");
    return `Alice let the stranger in at guess ${guess + 1}`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const room = lab.room();
    const alice = await lab.client(room, { code: CODE });
    alice.say("a line for whoever has the code");
    const first = lab.leg(room, "alice", { code: GUESS });
    room.divert(first);
    room.begin("alice");
    await lab.decision(alice);
    mustNot(alice.failure === null || first.secure, "Alice let a stranger in");
    await lab.until(
      () => first.effects.some(({ type }) => type === "failed"),
      "the stranger, too, sees that his guess was wrong",
    );
    // Now with the right code: too late. The refusal behind it shows that she has taken all of it.
    const second = lab.leg(room, "alice", { code: CODE });
    room.divert(second);
    second.hear("KEY_EXCHANGE", "");
    await lab.until(
      () => second.effects.some(({ type }) => type === "emit"),
      "another hello goes out",
    );
    room.deliver("alice", RELAY_ERROR, { code: "bad-payload", message: "are you still there?" });
    await lab.until(() => alice.refusals.length > 0, "Alice has taken all that came");
    lab.narrate("one wrong guess, then the right code", {
      error: alice.failure!.message,
      "answers to the right code": second.session.handshake?.exchange == null ? 0 : 1,
    });
    mustNot(
      second.session.handshake?.exchange != null || second.secure,
      "there was a second guess",
    );
    const seen = "one guess, and then not even the right code was answered";
    return { code: alice.failure!.code, seen };
  },
};

/** Wrong proofs that the textbook forgives. */
const PATIENCE = 3;

/** A proof of a code, bound to something. */
function proofOf(code: string, ...context: (string | bigint)[]): string {
  return createHash("sha256").update([code, ...context].join(" ")).digest("hex");
}

/** A textbook that proves the code first, and counts the wrong proofs of the other side. */
class CountingClient extends TextbookClient {
  /** Wrong proofs so far. */
  wrong = 0;
  /** Whether somebody has proved the code. */
  isOpen = false;

  constructor(port: Port, readonly code: string) {
    super(port);
  }

  protected override take(event: string, payload: unknown): void {
    if (event === "KEY_EXCHANGE" && this.wrong < PATIENCE) {
      const nonce = this.random(16).toHex();
      this.port.emit("SECURE", `${nonce} ${proofOf(this.code, nonce)}`);
    } else if (event === "SECURE_BC") {
      if (payload === this.code) this.isOpen = true;
      else this.wrong++;
    }
  }
}

const guessAndBreakOff: Attack = {
  name: "guess-and-break-off",
  idea:
    "A stranger takes Alice's proof of the code, tests his guess on it, and hangs up if it is wrong.",
  formula:
    "proof = H(code, nonce): compare with H(guess, nonce), leave, begin again: no try is counted",
  check: "breaking off spends the code",
  defence: "from the moment at which our proof is out, any end without theirs is a wrong guess",
  code: "bad-code",

  async textbook(lab) {
    const code = drawCode();
    let guess = 0;
    const room = lab.room(({ event, payload }) => {
      if (event !== "SECURE_BC") return [];
      const [nonce, proof] = String(payload).split(" ");
      if (proofOf(threeDigits(guess), nonce!) === proof) {
        room.deliver("alice", "SECURE_BC", threeDigits(guess));
      } else {
        guess++;
        room.claimLeft("alice");
        room.begin("alice");
      }
      return [];
    });
    const alice = await lab.textbook(room, CountingClient, code);
    room.begin("alice");
    await lab.until(() => alice.isOpen || alice.wrong > 0, "Alice lets somebody in");
    lab.narrate("the stranger breaks off until he knows that he is right", {
      "the code": code,
      guesses: guess + 1,
      "wrong guesses that Alice has counted": alice.wrong,
    });
    mustHold(alice.isOpen && alice.wrong === 0, "no wrong guess was counted");
    return `let in at try ${guess + 1}, and Alice had counted ${alice.wrong} wrong guesses`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const room = lab.room();
    const alice = await lab.client(room, { code: CODE });
    // Everything but the proof of the code, which would show that the guess is wrong.
    const stranger = lab.leg(room, "alice", {
      code: GUESS,
      tamper: (event, payload) => event === "SECURE" ? null : payload,
    });
    room.divert(stranger);
    room.begin("alice");
    await lab.until(() => room.sent("alice", "SECURE_BC").length > 0, "Alice's proof is out");
    mustReach(alice.failure === null, "Alice does not know yet that the guess is wrong");
    // He leaves, and the next one comes.
    room.claimLeft("alice");
    room.begin("alice");
    await lab.until(
      () => alice.failure !== null || room.sent("alice", "ELGAMAL_PK_BC").length > 1,
      "Alice decides",
    );
    mustNot(alice.failure === null, "Alice takes it for an accident and keeps the code");
    lab.narrate("the stranger has Alice's proof, and hangs up", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "Alice took the silence for a wrong guess" };
  },
};

/** A textbook that proves the code with a hash of it and of both keys. */
class ProvingClient extends TextbookClient {
  constructor(port: Port, readonly code: string) {
    super(port);
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    this.port.emit("SECURE", proofOf(this.code, this.elgamal.y, hello.y));
    return super.receiveHello(hello);
  }
}

/** What an attacker has in hand after his one guess: his state, and the victim's confirmation. */
async function oneGuess(lab: Lab) {
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
  room.divert(mallory);
  room.begin("alice");
  await lab.decision(alice);
  mustNot(alice.failure === null, "Alice took the wrong code");
  await lab.until(() => room.sent("alice", "SECURE_BC").length > 0, "Alice's confirmation arrives");
  const share = parseShareMessage(room.sent("alice", "DEFF_HELLMAN_PK_BC")[0]!);
  const confirmation = parseConfirmation(room.sent("alice", "SECURE_BC")[0]!);
  return { code: alice.failure!.code, state: states.at(-1)!, share, confirmation };
}

const inviteCodeDictionary: Attack = {
  name: "invite-code-dictionary",
  idea: "The relay records one proof of the code, and tries all codes against it at home.",
  formula: "SHA-256(code, y_A, y_B) for each of 256 * 256 codes of two words",
  check: "CPace: nothing to test offline",
  defence: "CPace: what is sent tests one guess, the one it was made with",
  code: "bad-code",

  async textbook(lab) {
    const [i, j] = crypto.getRandomValues(new Uint8Array(2));
    const code = `${ADJECTIVES[i!]}-${NOUNS[j!]}`;
    const { alice, bob, room } = await lab.textbookPair(ProvingClient, honestly, code);
    const recorded = room.sentTexts("alice", "SECURE_BC")[0]!;
    const keys = [alice.elgamal.y, bob.elgamal.y];
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
    const peerShare = parseShare(GROUP, share.share)!;
    const diffieHellman = exchange!.diffieHellman.sharedSecret(peerShare, systemRandom);
    const kem = await own.kem.decapsulate(share.kemCiphertext);
    const [kemLow, kemHigh] = exchange!.role === "low"
      ? [exchange!.kemSecret, kem]
      : [kem, exchange!.kemSecret];
    const keys = await deriveKeys(agreement!.transcript, { diffieHellman, kemLow, kemHigh });
    mustReach(keys.root.toHex() === agreement!.keys.root.toHex(), "these are Mallory's own keys");
    const victim = exchange!.role === "low" ? "high" : "low";
    const opened = await openBox(keys.confirmation[victim], keys.sessionId, confirmation);
    lab.narrate("Mallory has Alice's share and confirmation, and is even told the code later", {
      "her share, made with the guess": exchange!.diffieHellman.share,
      "the only secret she can compute": diffieHellman,
      "the confirmation opens": opened !== null,
    });
    mustNot(opened !== null, "the confirmation opens without the code");
    return {
      code,
      seen: "one guess; told the right code, the attacker can't recognize it",
    };
  },
};

export const INVITE_CODES: readonly Attack[] = [
  inviteCodeGuess,
  guessAndBreakOff,
  inviteCodeDictionary,
];

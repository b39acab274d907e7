import { createHash } from "node:crypto";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import { TextbookClient } from "../textbook/client.ts";

const [CODE, GUESS] = ["9-silver-garden-trumpet", "9-silver-garden-tunnel"];
const CODES = 1000;

/** Wrong proofs that the textbook forgives. */
const PATIENCE = 3;

function proofOf(code: string, nonce: string): string {
  return createHash("sha256").update(`${code} ${nonce}`).digest("hex");
}

/** A textbook that proves the code first, and counts the wrong proofs of the other side. */
class CountingClient extends TextbookClient {
  readonly code: string;
  /** Wrong proofs so far. */
  wrong = 0;
  /** Whether somebody has proved the code. */
  isOpen = false;

  constructor(port: Port, code: string) {
    super(port);
    this.code = code;
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

/** A guess that never shows itself to be wrong. */
export const guessAndBreakOff: Attack = {
  name: "guess-and-break-off",
  family: "authentication",
  idea:
    "A stranger takes Alice's proof of the code, tests his guess on it, and hangs up if it is wrong.",
  formula:
    "proof = H(code, nonce): compare with H(guess, nonce), leave, begin again: no try is counted",
  check: "breaking off spends the code",
  defence: "from the moment at which our proof is out, any end without theirs is a wrong guess",
  code: "bad-code",
  answer: "refused",

  async textbook(lab) {
    const code = String(crypto.getRandomValues(new Uint32Array(1))[0]! % CODES).padStart(3, "0");
    let guess = 0;
    const text = () => String(guess).padStart(3, "0");
    const room = lab.room(({ event, payload }) => {
      if (event !== "SECURE_BC") return [];
      const [nonce, proof] = String(payload).split(" ");
      if (proofOf(text(), nonce!) === proof) room.deliver("alice", "SECURE_BC", text());
      else {
        guess++;
        room.claimLeft("alice");
        room.begin("alice");
      }
      return [];
    });
    const alice = await lab.textbook(room, (port) => new CountingClient(port, code));
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
    room.meddle = ({ event, payload }) => {
      stranger.hear(event, payload);
      return [];
    };
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

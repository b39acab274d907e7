import { type Attack, mustHold, mustNot } from "../attack.ts";
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import type { Port } from "../harness/connection.ts";
import { TextbookClient } from "../textbook/client.ts";
import { parseJson } from "../textbook/json.ts";

const [CODE, GUESS] = ["3-quiet-meadow-violin", "3-quiet-meadow-walnut"];
const CODES = 1000;

/** A textbook whose inviter asks for a code of three digits, and asks again if it is wrong. */
class AskingClient extends TextbookClient {
  readonly code: string;

  constructor(port: Port, code: string) {
    super(port);
    this.code = code;
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const { y, code } = parseJson(payload);
    if (code !== this.code) return this.port.emit("SECURE", "wrong code, please try again");
    return super.receiveKey(String(y));
  }
}

/** Guessing at the door. */
export const inviteCodeGuess: Attack = {
  name: "invite-code-guess",
  family: "authentication",
  idea: "A stranger tries one invite code after the other, for a wrong one costs him nothing.",
  formula: "1000 codes, one question each",
  check: "one wrong guess spends the code",
  defence: "the first wrong guess ends the session and spends the code",
  code: "bad-code",
  answer: "refused",

  async textbook(lab) {
    const code = String(crypto.getRandomValues(new Uint32Array(1))[0]! % CODES).padStart(3, "0");
    const room = lab.room(() => [], { begins: false });
    const alice = await lab.textbook(room, (port) => new AskingClient(port, code));
    let guess = -1;
    const next = () => {
      guess++;
      const payload = `{"y": 2, "code": "${String(guess).padStart(3, "0")}"}`;
      room.deliver("alice", "ELGAMAL_PK_BC", payload);
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
    mustHold(String(guess).padStart(3, "0") === code, "the code is found");
    return `Alice let the stranger in at guess ${guess + 1}`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const room = lab.room();
    const alice = await lab.client(room, { code: CODE });
    alice.say("a line for whoever has the code");
    const first = lab.leg(room, "alice", { code: GUESS });
    room.meddle = ({ event, payload }) => {
      first.hear(event, payload);
      return [];
    };
    room.begin("alice");
    await lab.until(() => alice.failure !== null || alice.facts !== null, "Alice decides");
    mustNot(alice.failure === null || first.secure, "Alice let a stranger in");
    await lab.until(
      () => first.effects.some(({ type }) => type === "failed"),
      "the stranger, too, sees that his guess was wrong",
    );
    // Now with the right code: too late. The refusal behind it shows that she has taken all of it.
    const second = lab.leg(room, "alice", { code: CODE });
    room.meddle = ({ event, payload }) => {
      second.hear(event, payload);
      return [];
    };
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
    return {
      code: alice.failure!.code,
      seen: "one guess, and then not even the right code was answered",
    };
  },
};

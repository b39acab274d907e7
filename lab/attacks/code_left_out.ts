import { type Attack, mustHaveTaken, mustHold, mustNot } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import { TextbookClient } from "../textbook/client.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";

const CODE = "4-mellow-river-castle";
const LINE = "as we agreed on the telephone";

/** A textbook that checks a code if the other side names one: older clients do not. */
class ObligingClient extends TextbookClient {
  readonly #code: string | null;

  constructor(port: Port, code: string | null) {
    super(port);
    this.#code = code;
  }

  protected override sendKey(): void {
    const fields: Json = { y: this.elgamal.y };
    if (this.#code !== null) fields.code = this.#code;
    this.port.emit("ELGAMAL_PK", writeJson(fields));
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const { y, code } = parseJson(payload);
    if (this.#code !== null && code !== undefined && code !== this.#code) {
      return void this.refused.push("wrong code");
    }
    return super.receiveKey(String(y));
  }
}

/** A peer that claims to use no code. */
export const codeLeftOut: Attack = {
  name: "code-left-out",
  family: "downgrades and versions",
  idea:
    "A stranger says that he uses no invite code; a program that checks one if it comes lets him in.",
  formula: "{y, code} -> {y}: nothing to compare, nothing that differs",
  check: "a code on both sides or neither",
  defence: "each hello says whether a code is part of the exchange, and both must say the same",
  code: "suite-mismatch",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ObligingClient(port, CODE));
    const stranger = await lab.textbook(room, (port) => new ObligingClient(port, null));
    alice.say(LINE);
    await lab.until(() => stranger.shown.length + alice.refused.length > 0, "Alice speaks");
    lab.narrate("the stranger's hello has no code in it", { "he reads": stranger.shown.join() });
    mustHold(stranger.shown[0] === LINE, "the stranger reads");
    return `a stranger without a code read "${LINE}"`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    await lab.peerControl();
    const room = lab.room();
    const alice = await lab.client(room, { code: CODE });
    alice.say(LINE);
    const stranger = await lab.peer(room);
    await lab.until(() => alice.failure !== null || alice.facts !== null, "Alice decides");
    mustNot(alice.failure === null || stranger.texts.length > 0, "Alice let the stranger in");
    mustHaveTaken(alice, "identity-sent");
    lab.narrate("Alice sees a hello without a code", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "Alice ended the session and sent nothing" };
  },
};

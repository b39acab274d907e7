import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { type Attack, mustHold } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import { shortLog } from "../math/discrete_log.ts";
import { swapHello } from "../plays/swap_hello.ts";
import { readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import { generateKey } from "../textbook/elgamal.ts";
import { MODP, type TextbookGroup, TOY, TOY_ORDER } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";

const LINE = "nobody can break 2048 bits";

/** What the textbook speaks, the best first; the last for customers abroad. */
const SUITES: Readonly<Record<string, TextbookGroup>> = { modp2048: MODP, export: TOY };

/** A client that agrees with the other side on the best suite that both list. */
class NegotiatingClient extends TextbookClient {
  #keys = Object.fromEntries(
    Object.entries(SUITES).map(([name, group]) => [name, generateKey(group, this.random)]),
  );

  constructor(port: Port) {
    super(port);
  }

  protected override sendKey(): void {
    const keys = Object.entries(this.#keys).map(([name, { y }]) => [name, y]);
    const hello = { suites: Object.keys(SUITES), ...Object.fromEntries(keys) };
    this.port.emit("ELGAMAL_PK", writeJson(hello));
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const hello = parseJson(payload);
    const suite = Object.keys(SUITES).find((name) => hello.suites.includes(name))!;
    this.group = SUITES[suite]!;
    this.elgamal = this.#keys[suite]!;
    this.peerKey = hello[suite];
    return this.sendShare();
  }
}

/** The weakest of what both speak. */
export const suiteDowngrade: Attack = {
  name: "suite-downgrade",
  family: "downgrades and versions",
  idea:
    "The relay strikes the good suites from both lists; both agree on the weakest, which it breaks.",
  formula: "[modp2048, export] -> [export]: a from g^a in 2 * 2^16 steps, for p has 32 bits",
  check: "one suite, no list",
  defence: "there is one suite and no list; another one's hello is an error",
  code: "suite-mismatch",
  answer: "refused",

  async textbook(lab) {
    const make = (port: Port) => new NegotiatingClient(port);
    const { alice, bob, room } = await lab.textbookPair(make, (parcel) => {
      if (parcel.event !== "ELGAMAL_PK_BC") return [parcel];
      const hello = { ...parseJson(String(parcel.payload)), suites: ["export"] };
      return [{ ...parcel, payload: writeJson(hello) }];
    });
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const exponent = shortLog(TOY, alice.share, TOY_ORDER)!;
    const text = readWith(room, modPow(bob.share, exponent, TOY.p));
    lab.narrate("both sign shares of 32 bits, and the relay takes the logarithm", {
      p: TOY.p,
      "g^a": alice.share,
      a: exponent,
      "the relay reads": text,
    });
    mustHold(text === LINE, "the relay reads");
    return `both agreed on 32 bits, and the relay read "${text}"`;
  },

  parley(lab) {
    lab.narrate(
      "the relay turns Alice's hello into one of the original protocol: a number, in decimal",
    );
    const { y } = generateKey(MODP, systemRandom);
    return swapHello(lab, () => String(y), "identity-sent");
  },
};

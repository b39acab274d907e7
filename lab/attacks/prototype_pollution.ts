import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";
import { type Json, parseJson } from "../textbook/json.ts";
import { Tap } from "../textbook/tap.ts";

const LINE = "the vault opens at seven";

/** Writes all fields of one object into another, all the way down. */
function merge(target: Json, source: Json): Json {
  for (const [name, value] of Object.entries(source)) {
    if (typeof value === "object" && value !== null) merge(target[name] ??= {}, value);
    else target[name] = value;
  }
  return target;
}

/** A textbook that merges what comes into what it knows of the peer. */
class MergingClient extends TextbookClient {
  protected override receiveShare(payload: string): void | Promise<void> {
    const peer = merge({}, parseJson(payload));
    // Set by the user, for people whose keys are known.
    const settings: { trusted?: boolean } = {};
    if (settings.trusted) return this.agreeOn(peer.deff_public_key);
    return super.receiveShare(payload);
  }
}

/** What every object inherits, for one play. */
const everyObject = Object.prototype as { trusted?: boolean };

/** A field that every object then has. */
export const prototypePollution: Attack = {
  name: "prototype-pollution",
  family: "implementation flaws",
  idea:
    "A field named constructor.prototype is merged into all objects: now every peer is trusted.",
  formula: '{"constructor": {"prototype": {"trusted": true}}}',
  check: "a payload is bytes",
  defence: "a payload is bytes of fixed layout; no name in it names anything",
  code: "malformed",
  answer: "refused",

  async textbook(lab) {
    const constructor = { prototype: { trusted: true } };
    const tap = new Tap(() => ({ s1: 0n, s2: 0n, constructor }));
    try {
      const make = (port: TextbookClient["port"]) => new MergingClient(port);
      const { alice, bob } = await lab.textbookPair(make, tap.meddle);
      alice.say(LINE);
      await lab.until(() => bob.shown.length > 0, "Bob reads");
      lab.narrate("an object that was never touched", {
        "({}).trusted": String(everyObject.trusted),
        "the relay reads": tap.read[0]!,
      });
      mustHold(everyObject.trusted === true && tap.read[0] === LINE, "nothing was verified");
      return `no signature was checked; the relay read "${LINE}"`;
    } finally {
      delete everyObject.trusted;
    }
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, room } = pair;
      const hostile = `{"__proto__":{"trusted":true},"constructor":{"prototype":{"trusted":true}}}`;
      room.deliverRaw("alice", `["received_message",${hostile}]`);
      await pair.speak("bob");
      lab.narrate("the same fields, and __proto__, in a Socket.IO packet", {
        "Alice refuses": alice.refusals.join(),
        "({}).trusted": String(everyObject.trusted),
      });
      mustNot(everyObject.trusted !== undefined, "every object is trusted");
      mustNot(alice.refusals.length !== 1, "Alice took it without a word");
      return { code: alice.refusals[0]!, seen: "Alice refused it; no object has a new field" };
    }),
};

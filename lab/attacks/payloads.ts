/**
 * Payloads and event names that no honest client sends.
 *
 * @module
 */
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Lab } from "../harness/lab.ts";
import { TextbookClient } from "../textbook/client.ts";
import { MODP } from "../textbook/elgamal.ts";
import { type Json, writeJson } from "../textbook/json.ts";
import { shareFields, Tap } from "../textbook/tap.ts";

const DIGITS = 300_000;
const HUGE = 2 * 1024 * 1024;

/** Mallory, in a session with Alice at parley's own relay, sends something; then Alice reads a line of hers. */
async function sendThroughHonestRelay(lab: Lab, event: string, payload: unknown) {
  const place = await lab.honestRelay();
  const alice = await lab.client(place);
  const mallory = await lab.peer(place);
  const errors: string[] = [];
  mallory.overhear = (event, payload) => {
    if (event === RELAY_ERROR) errors.push((payload as { code: string }).code);
  };
  await lab.decision(alice);
  mustReach(alice.failure === null, "an honest handshake at parley's own relay");
  mallory.port.emit(event, payload);
  await lab.until(
    () => errors.length + alice.refusals.length + alice.all("disconnected").length > 0,
    "somebody refuses",
  );
  mallory.say("still here");
  await lab.reads(alice);
  return { alice, errors };
}

const oversizedJson: Attack = {
  name: "oversized-json",
  idea:
    "A share of 300,000 digits, properly signed: the victim parses, hashes and reduces all of it.",
  formula: "600 digits are honest; parsing n digits costs more than n steps, and nobody counts",
  check: "limits, and fixed lengths",
  defence: "the relay has a limit; each handshake message has one length",
  code: "payload-too-large",

  async textbook(lab) {
    const room = lab.room(undefined, { begins: false });
    const alice = await lab.textbook(room, TextbookClient);
    const share = BigInt("7".repeat(DIGITS));
    const payload = writeJson(shareFields(share, 1n));
    room.deliver("alice", "ELGAMAL_PK_BC", String(MODP.g));
    const start = performance.now();
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", payload);
    await lab.until(() => alice.key !== null || alice.refused.length > 0, "Alice decides");
    const took = Math.round(performance.now() - start);
    lab.narrate("Alice's program took it", {
      "bytes of the share": payload.length,
      "milliseconds": took,
      "what she takes for a share": alice.peerShare!,
    });
    mustHold(alice.peerShare === share, "she took all of it");
    return `Alice worked through a share of ${DIGITS} digits (${payload.length} bytes)`;
  },

  async parley(lab) {
    const { alice, errors } = await sendThroughHonestRelay(lab, "message", new Uint8Array(HUGE));
    lab.narrate("2 MiB through parley's own relay", {
      "Mallory is told": errors.join(),
      "what Alice got of it": alice.refusals.length,
    });
    mustNot(alice.refusals.length > 0 || errors.length === 0, "the relay handed it on");
    return { code: errors[0]!, seen: "the relay told Mallory; nothing of it came to Alice" };
  },
};

const DEPTH = 100_000;
const NESTED = "[".repeat(DEPTH) + "]".repeat(DEPTH);

const nestedJson: Attack = {
  name: "nested-json",
  idea:
    "100,000 opening brackets: a parser that calls itself runs out of stack, and the program ends.",
  formula: "depth(JSON) = depth(stack), and the peer chooses it",
  check: "a payload is bytes",
  defence: "a payload is bytes; whatever else comes is refused unread",
  code: "malformed",

  async textbook(lab) {
    const { alice, room } = await lab.textbookPair(TextbookClient);
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", NESTED);
    await lab.until(() => alice.crashed !== null, "Alice's program ends");
    lab.narrate("an exception that nobody catches", { error: String(alice.crashed) });
    mustHold(alice.crashed instanceof RangeError, "the stack is exhausted");
    return `Alice's program died: ${alice.crashed.message}`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, room } = pair;
      // Written by hand: the relay's own library would stumble over it, too.
      room.deliverRaw("alice", `["received_message",${NESTED}]`);
      await pair.speak("bob");
      lab.narrate("200,000 brackets in a Socket.IO packet", {
        "Alice refuses": alice.refusals.join(),
      });
      return lab.onlyRefusal(alice, "Alice refused it and read Bob's next line");
    }),
};

const VAULT = "the vault opens at seven";

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
  protected override receiveShare(fields: Json): void | Promise<void> {
    const peer = merge({}, fields);
    // Set by the user, for people whose keys are known.
    const settings: { trusted?: boolean } = {};
    if (settings.trusted) return this.agreeOn(peer.deff_public_key);
    return super.receiveShare(fields);
  }
}

/** What every object inherits, for one play. */
const everyObject = Object.prototype as { trusted?: boolean };

const prototypePollution: Attack = {
  name: "prototype-pollution",
  idea:
    "A field named constructor.prototype is merged into all objects: now every peer is trusted.",
  formula: '{"constructor": {"prototype": {"trusted": true}}}',
  check: "a payload is bytes",
  defence: "a payload is bytes of fixed layout; no name in it names anything",
  code: "malformed",

  async textbook(lab) {
    const constructor = { prototype: { trusted: true } };
    const tap = new Tap(() => ({ s1: 0n, s2: 0n, constructor }));
    try {
      const { alice, bob } = await lab.textbookPair(MergingClient, tap.meddle);
      await lab.tell(alice, VAULT, bob);
      lab.narrate("an object that was never touched", {
        "({}).trusted": String(everyObject.trusted),
        "the relay reads": tap.read[0]!,
      });
      mustHold(everyObject.trusted === true && tap.read[0] === VAULT, "nothing was verified");
      return `no signature was checked; the relay read "${VAULT}"`;
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
      return lab.onlyRefusal(alice, "Alice refused it; no object has a new field");
    }),
};

/** The textbook relay's events: an object, so it has more names in it than these. */
const TABLE: Record<string, string> = {
  ELGAMAL_PK: "ELGAMAL_PK_BC",
  DEFF_HELLMAN_PK: "DEFF_HELLMAN_PK_BC",
  message: "received_message",
};

/** In every object, and so in every table. */
const INHERITED = "constructor";

const inheritedEventName: Attack = {
  name: "inherited-event-name",
  idea:
    "Mallory sends an event named constructor: the relay's table has one, and cuts Alice off with it.",
  formula:
    "TABLE[\"constructor\"] is a function; as an event's name it breaks the receiver's parser",
  check: "a table's own names only",
  defence: "the relay takes a table's own names only",
  code: "bad-payload",

  async textbook(lab) {
    // It looks events up in its table as everybody does.
    const room = lab.room((parcel) => {
      const event = TABLE[parcel.event];
      return event ? [{ ...parcel, event }] : [];
    });
    const heard: string[] = [];
    const alice = await lab.attacker(room, (event) => heard.push(event));
    const mallory = await lab.attacker(room);
    await lab.until(() => heard.includes("KEY_EXCHANGE"), "both are in the room");
    mallory.emit(INHERITED, "hello");
    await lab.until(() => heard.includes("disconnect"), "Alice is cut off");
    lab.narrate("Alice's library closes a connection on which such a packet comes", {
      "Alice heard": heard.join(", "),
    });
    mustHold(!alice.connected && mallory.connected, "Alice is gone, Mallory is not");
    return "one event of Mallory's, and Alice's connection was closed";
  },

  async parley(lab) {
    const { alice, errors } = await sendThroughHonestRelay(lab, INHERITED, "hello");
    lab.narrate("the same event at parley's own relay", { "Mallory is told": errors.join() });
    mustNot(alice.all("disconnected").length > 0 || errors.length === 0, "Alice was cut off");
    return { code: errors[0]!, seen: "the relay told Mallory; Alice noticed nothing" };
  },
};

export const PAYLOADS: readonly Attack[] = [
  oversizedJson,
  nestedJson,
  prototypePollution,
  inheritedEventName,
];

import { createHash } from "node:crypto";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import type { Meddle, Seat } from "../harness/room.ts";
import { TextbookClient } from "../textbook/client.ts";
import { generateKey, type KeyPair } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { OwnKeysTap } from "../textbook/tap.ts";

const LINE = "the money is in the piano";

/** What the two read to each other: four digits of a hash of the key. */
function fourDigits(y: bigint): string {
  const hash = createHash("sha1").update(y.toString(16)).digest();
  return String(hash.readUInt32BE() % 10_000).padStart(4, "0");
}

/** A key with the same four digits: g^(x+1), g^(x+2), … until one has them. */
function lookalike(y: bigint): KeyPair & { tries: number } {
  const wanted = fourDigits(y);
  let { x, y: candidate } = generateKey(MODP, systemRandom);
  for (let tries = 1;; tries++) {
    if (fourDigits(candidate) === wanted) return { x, y: candidate, tries };
    x += 1n;
    candidate = candidate * MODP.g % MODP.p;
  }
}

/** The relay in the middle of two who compare a number. */
export const shortFingerprint: Attack = {
  name: "short-fingerprint",
  family: "authentication",
  idea:
    "The two compare four digits of a key; the relay tries keys until its own has the same four.",
  formula: "10^4 values: about 10^4 keys g^(x+i), one multiplication each",
  check: "60 digits differ: unverified",
  defence: "60 digits over the whole session differ; the prompt says unverified",
  code: null,
  answer: "noticed",

  async textbook(lab) {
    const swap: { meddle: Meddle } = { meddle: (parcel) => [parcel] };
    let tap: OwnKeysTap | undefined;
    const keys: Partial<Record<Seat, KeyPair & { tries: number }>> = {};
    const waiting: Parameters<Meddle>[0][] = [];
    swap.meddle = (parcel) => {
      if (tap !== undefined) return tap.meddle(parcel);
      waiting.push(parcel);
      keys[parcel.to] = lookalike(BigInt(String(parcel.payload)));
      if (waiting.length < 2) return [];
      const middle = new OwnKeysTap({ alice: keys.alice!, bob: keys.bob! });
      tap = middle;
      return waiting.flatMap((parcel) => middle.meddle(parcel) as typeof waiting);
    };
    const make = (port: TextbookClient["port"]) => new TextbookClient(port);
    const { alice, bob } = await lab.textbookPair(make, (parcel) => swap.meddle(parcel));
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    const [own, seen] = [fourDigits(alice.elgamal.y), fourDigits(bob.peerKey!)];
    lab.narrate("Alice reads her four digits to Bob, and Bob sees the same", {
      "Alice's key": alice.elgamal.y,
      "Alice's digits": own,
      "what Bob takes for her key": bob.peerKey!,
      "its digits": seen,
      "keys tried": keys.bob!.tries,
    });
    mustHold(own === seen && alice.elgamal.y !== bob.peerKey, "other keys, the same digits");
    mustHold(tap!.read[0] === LINE, "the relay reads");
    return `both compared ${own}; the relay read "${LINE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { read } = lab.middle(room);
    const [alice, bob] = [await lab.client(room), await lab.client(room)];
    alice.say(LINE);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads");
    mustReach(read[0] === LINE, "without a code nothing stops the relay");
    const [one, other] = [alice.facts!.safetyNumber, bob.facts!.safetyNumber];
    lab.narrate("without a code the relay does come between, and it shows", {
      "the relay reads": read[0]!,
      "Alice sees": one,
      "Bob sees": other,
    });
    mustNot(one === other, "both see one number");
    mustNot(alice.facts!.invited || bob.facts!.invited, "a client says that it is verified");
    return {
      code: null,
      seen: "the relay read along; the safety numbers that /verify shows differ",
    };
  },
};

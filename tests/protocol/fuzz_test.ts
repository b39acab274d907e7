/**
 * Random and spoiled inputs, the same in every run. More of them:
 *
 *     deno test tests/protocol/fuzz_test.ts -- 1000000
 *
 * gives that many to the parsers, and a hundredth of it to the session at each of its events.
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type Bytes, equalBytes, fromUtf8, utf8 } from "../../lib/crypto/bytes.ts";
import { CheckError, EXIT, ParleyError, WireError } from "../../lib/errors.ts";
import {
  type Bundle,
  type BundleItem,
  encodeBundle,
  parseBundle,
} from "../../lib/protocol/bundle.ts";
import { encodeOffer, parseOffer } from "../../lib/protocol/offer.ts";
import { pad, unpad } from "../../lib/protocol/padding.ts";
import type { Session, SessionEffect } from "../../lib/protocol/session.ts";
import { newResume, type Signal } from "../../lib/protocol/signal.ts";
import {
  encodeConfirmation,
  encodeEnvelope,
  encodeHello,
  encodeShare,
  parseConfirmation,
  parseEnvelope,
  parseHello,
  parseShareMessage,
  payloadBytes,
} from "../../lib/protocol/wire.ts";
import type { PeerEvent } from "../../lib/relay/wire_events.ts";
import { effectsOf, emitted, SMALL_GROUP, typesOf } from "../helpers/session_pair.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { Dice, spoil } from "../helpers/mutants.ts";
import { type Moment, onlyError, recordedHandshake } from "./recording.ts";

/** How many inputs all parsers get together. */
const PARSED = Number(Deno.args[0] ?? 20_000);

/** How many inputs a session gets at each event. */
const ADVANCED = Math.ceil(PARSED / 100);

const { alice, bob } = await recordedHandshake(undefined, {}, SMALL_GROUP);
const sent: Bytes[] = [];
for (let moment = bob.secure, i = 0; i < 3; i++) {
  const items = i === 0 ? [newResume(seededRandom("fuzz"))] : [];
  moment = await moment.after({ type: "send", items });
  sent.push(...emitted(moment.effects));
}
const MESSAGES = sent as [Bytes, Bytes, Bytes];

const ID = new Uint8Array(16).fill(1);

const SIGNALS: readonly Signal[] = [
  { type: "resume", stream: ID, first: 3, known: ID, received: 2 },
  { type: "file-query", id: ID },
  { type: "file-get", id: ID, kept: 6, from: 7, until: 9, key: new Uint8Array(32) },
  { type: "file-hold", id: ID },
  { type: "file-stop", id: ID, reason: "refused" },
];

const TEXTS: readonly BundleItem[] = ["", "text", "größe"].map((text) => (
  { type: "text", seen: 3, time: 2, body: utf8(text) }
));

const BUNDLES: readonly Bundle[] = [
  { number: 7, received: 3, items: [], signature: null },
  { number: 7, received: 3, items: TEXTS, signature: new Uint8Array(768) },
  { number: 0, received: 0, items: SIGNALS, signature: null },
];

const OFFERS = ["photo.jpg", "größe \u2028.txt"].map((name) =>
  utf8(encodeOffer({ id: ID, name, bytes: 123456, root: new Uint8Array(32).fill(7) }))
);

/** What an offer's text is parsed from is UTF-8, or the statement is refused before. */
function offerRoundTrip(bytes: Bytes): Bytes {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new WireError("payload.body", "UTF-8", "other bytes");
  }
  return utf8(encodeOffer(parseOffer(text)));
}

/** A parser, its inverse, and something in good form to spoil. */
interface Case {
  readonly name: string;
  readonly samples: readonly Bytes[];
  /** Parses, and encodes what came of it. */
  readonly roundTrip: (bytes: Bytes) => Bytes;
}

const PARSERS: readonly Case[] = [
  {
    name: "parseHello",
    samples: [bob.sent.hello],
    roundTrip: (bytes) => encodeHello(parseHello(bytes)),
  },
  {
    name: "parseShareMessage",
    samples: [bob.sent.share],
    roundTrip: (bytes) => encodeShare(parseShareMessage(bytes)),
  },
  {
    name: "parseConfirmation",
    samples: [bob.sent.confirmation],
    roundTrip: (bytes) => encodeConfirmation(parseConfirmation(bytes)),
  },
  {
    name: "parseEnvelope",
    samples: MESSAGES,
    roundTrip: (bytes) => encodeEnvelope(parseEnvelope(bytes)),
  },
  {
    name: "parseBundle",
    samples: BUNDLES.map(encodeBundle),
    roundTrip: (bytes) => encodeBundle(parseBundle(bytes)),
  },
  { name: "parseOffer", samples: OFFERS, roundTrip: offerRoundTrip },
  {
    name: "unpad",
    samples: [0, 1, 500, 1279, 1280, 1500].map((length) => pad(new Uint8Array(length).fill(1))),
    roundTrip: (bytes) => pad(unpad(bytes)),
  },
];

for (const [i, { name, samples, roundTrip }] of PARSERS.entries()) {
  Deno.test(`${name}() takes what re-encodes to the same bytes, and throws one of our errors for the rest`, () => {
    const dice = new Dice(i);
    const rounds = Math.ceil(PARSED / PARSERS.length);
    let taken = 0;
    for (let round = 0; round < rounds; round++) {
      const input = spoil(dice.pick(samples), dice);
      try {
        assert(equalBytes(roundTrip(input), input), `${name} of ${input.toHex()}`);
        taken++;
      } catch (error) {
        const isExpected = error instanceof WireError ||
          error instanceof CheckError && error.code === "suite-mismatch";
        assert(isExpected, `${name} of ${input.toHex()} throws ${error}`);
      }
    }
    // Neither answer is rare, so both sides of each parser are tried.
    assert(taken > rounds / 100 && taken < rounds * 0.9, `${taken} of ${rounds} taken`);
  });
}

/** What Socket.IO can hand over that is no byte string. */
function anyValue(dice: Dice): unknown {
  return dice.pick<() => unknown>([
    () => null,
    () => undefined,
    () => dice.below(2) === 0,
    () => dice.below(2 ** 32) - 2 ** 31,
    () => NaN,
    () => new TextDecoder().decode(dice.bytes(dice.below(30))),
    () => "9".repeat(dice.below(1000)),
    () => [anyValue(dice)],
    () => ({ [String(dice.below(9))]: anyValue(dice), length: dice.below(9) }),
    () => new Map([[1, 2]]),
    () => new Float64Array(2),
  ])();
}

Deno.test("payloadBytes() takes bytes and throws WireError for every other value", () => {
  const dice = new Dice(99);
  for (let round = 0; round < PARSED / 10; round++) {
    const value = anyValue(dice);
    try {
      payloadBytes("hello", value);
      assert(false, "no value of these is bytes");
    } catch (error) {
      assertInstanceOf(error, WireError);
    }
  }
});

/** One moment, with what an honest peer would send then. */
interface Target {
  /** How often it is taken, beside the others: less where each trial costs an exponentiation. */
  readonly weight: number;
  readonly moment: Moment;
  readonly genuine: Bytes;
  /** Where a fault can be that shows only with the next message; that is then `next`. */
  readonly next?: { readonly event: PeerEvent; readonly payload: Bytes };
}

const HELLO = { event: "ELGAMAL_PK_BC", payload: bob.sent.hello } as const;
const SHARE = { event: "DEFF_HELLMAN_PK_BC", payload: bob.sent.share } as const;
const early = await alice.started.afterMessage("share", bob.sent.share);
const received = await alice.secure.after({
  type: "receive",
  event: "received_message",
  payload: MESSAGES[0],
});

const TARGETS: Readonly<Record<PeerEvent, readonly Target[]>> = {
  ELGAMAL_PK_BC: [
    { weight: 4, moment: alice.started, genuine: bob.sent.hello, next: SHARE },
    { weight: 2, moment: early, genuine: bob.sent.hello },
    { weight: 2, moment: alice.exchanging, genuine: bob.sent.hello },
    { weight: 2, moment: alice.secure, genuine: bob.sent.hello },
  ],
  DEFF_HELLMAN_PK_BC: [
    { weight: 6, moment: alice.exchanging, genuine: bob.sent.share },
    { weight: 1, moment: alice.started, genuine: bob.sent.share, next: HELLO },
    { weight: 7, moment: alice.confirming, genuine: bob.sent.share },
    { weight: 6, moment: alice.secure, genuine: bob.sent.share },
  ],
  SECURE_BC: [
    { weight: 3, moment: alice.confirming, genuine: bob.sent.confirmation },
    { weight: 1, moment: alice.secure, genuine: bob.sent.confirmation },
  ],
  received_message: [
    { weight: 1, moment: alice.started, genuine: MESSAGES[0] },
    { weight: 1, moment: alice.secure, genuine: MESSAGES[0] },
    { weight: 6, moment: received, genuine: MESSAGES[1] },
    { weight: 2, moment: received, genuine: MESSAGES[0] },
  ],
};

/** Answers that the inputs below bring about, at least: they reach every check. */
const ANSWERS: Readonly<Record<PeerEvent, readonly string[]>> = {
  ELGAMAL_PK_BC: [
    "failed malformed",
    "failed suite-mismatch",
    "failed bad-key",
    "failed bad-signature",
    "failed unexpected",
    "refused unexpected",
  ],
  DEFF_HELLMAN_PK_BC: [
    "failed malformed",
    "failed bad-signature",
    "failed unexpected",
    "refused unexpected",
  ],
  SECURE_BC: ["failed malformed", "failed bad-confirmation", "refused unexpected"],
  received_message: ["refused malformed", "refused bad-message", "refused unexpected"],
};

/** A spoiled input: now and then a value that is no bytes, else bytes that differ from the genuine ones. */
function hostileInput(genuine: Bytes, dice: Dice): unknown {
  if (dice.below(20) === 0) return anyValue(dice);
  for (;;) {
    const bytes = spoil(genuine, dice);
    if (!equalBytes(bytes, genuine)) return bytes;
  }
}

/** One error, and nothing else: the session is over, or it is what it was. */
function checkError(before: Session, after: Session, effects: readonly SessionEffect[]): void {
  const error = onlyError(effects);
  assertInstanceOf(error, ParleyError);
  assertEquals(error.exitCode, EXIT.untrusted);
  if (effects[0]!.type === "refused") assert(after === before);
  else assertEquals([after.phase, after.handshake, after.channel], ["ended", null, null]);
}

for (const event of Object.keys(TARGETS) as PeerEvent[]) {
  Deno.test(`advance() answers a spoiled ${event} with one error, at every moment, and never throws`, async () => {
    const dice = new Dice(event.length);
    const targets = TARGETS[event].flatMap((target) => Array<Target>(target.weight).fill(target));
    const seen = new Set<string>();
    for (let round = 0; round < ADVANCED; round++) {
      const { moment, genuine, next } = dice.pick(targets);
      const payload = hostileInput(genuine, dice);
      let before = moment;
      let after = await moment.after({ type: "receive", event, payload });
      if (next !== undefined && after.session.phase === "handshaking") {
        // Nothing is wrong with it by itself, or it has not been looked at: the next message shows it.
        assertEquals(effectsOf(after.effects, "failed"), []);
        before = after;
        after = await after.after({ type: "receive", ...next });
      }
      checkError(before.session, after.session, after.effects);
      seen.add(`${typesOf(after.effects)[0]} ${onlyError(after.effects).code}`);
    }
    for (const answer of ANSWERS[event]) assert(seen.has(answer), `${answer} never came`);
  });
}

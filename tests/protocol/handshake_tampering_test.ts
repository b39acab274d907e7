/** What comes of a byte that somebody changes on the way: one error, and no key. */
import { assert, assertEquals } from "@std/assert";
import { EXIT } from "../../lib/errors.ts";
import type { HandshakeMessage } from "../../lib/protocol/handshake.ts";
import {
  effectsOf,
  type Name,
  NAMES,
  otherThan,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import {
  boundaries,
  fieldAt,
  flipBit,
  LAYOUT,
  lengthOf,
  offsetOf,
  spread,
} from "../helpers/mutants.ts";
import { assertFailed, EVENT_OF, KINDS, onlyError, recordedHandshake } from "./recording.ts";

/** Where the suite's name has its version: a peer with another one is told so. */
const VERSION_AT = 7;

/** The first and last byte of each field, and others between. */
function positions(kind: HandshakeMessage, others: number): number[] {
  const fields = LAYOUT[kind];
  return [...new Set([...boundaries(fields), ...spread(9, lengthOf(fields), others)])];
}

Deno.test("a hello with one bit changed gives no key", async () => {
  const { alice, bob } = await recordedHandshake();
  const seen = new Set<string>();
  for (const at of positions("hello", 10)) {
    const hello = flipBit(bob.sent.hello, at, at % 8);
    let moment = await alice.started.afterMessage("hello", hello);
    if (moment.session.phase !== "ended") {
      // Nothing in it is wrong by itself. But Bob signed another one.
      assertEquals(typesOf(moment.effects), ["step", "emit", "step"]);
      moment = await moment.afterMessage("share", bob.sent.share);
      assertEquals(onlyError(moment.effects).code, "bad-signature");
    }
    assertEquals(typesOf(moment.effects), ["failed"]);
    const error = onlyError(moment.effects);
    assertEquals(error.exitCode, EXIT.untrusted);
    seen.add(`${fieldAt(LAYOUT.hello, at)} ${error.code}`);
  }
  assertEquals([...seen].sort(), [
    "identity bad-key",
    "identity bad-signature",
    "kemKey bad-key",
    "modes suite-mismatch",
    "nonce bad-signature",
    "suite malformed",
    "suite suite-mismatch",
    "type malformed",
  ]);
});

Deno.test("a share with one bit changed gives no key", async () => {
  const { alice, bob } = await recordedHandshake();
  for (const at of positions("share", 14)) {
    const share = flipBit(bob.sent.share, at, at % 8);
    const field = fieldAt(LAYOUT.share, at)!;
    const expected = at === VERSION_AT
      ? "suite-mismatch"
      : field === "suite" || field === "type"
      ? `share.${field}` as const
      : "bad-signature";
    await assertFailed(await alice.exchanging.afterMessage("share", share), expected);
  }
});

Deno.test("a confirmation with any one bit changed gives no key", async () => {
  const { alice, bob } = await recordedHandshake();
  const { confirmation } = bob.sent;
  for (let at = 0; at < confirmation.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const moment = await alice.confirming.afterMessage(
        "confirmation",
        flipBit(confirmation, at, bit),
      );
      assertEquals(typesOf(moment.effects), ["failed"]);
      const code = at === VERSION_AT
        ? "suite-mismatch"
        : at < offsetOf(LAYOUT.confirmation, "box")
        ? "malformed"
        : "bad-confirmation";
      assertEquals(onlyError(moment.effects).code, code);
      assertEquals(moment.session.phase, "ended");
    }
  }
});

Deno.test("a message of the handshake that is cut, lengthened, or no bytes at all gives no key", async () => {
  const { alice, bob } = await recordedHandshake();
  const before = {
    hello: alice.started,
    share: alice.exchanging,
    confirmation: alice.confirming,
  };
  for (const kind of KINDS) {
    const { [kind]: genuine } = bob.sent;
    for (let length = 0; length < genuine.length; length += length < 10 ? 1 : 37) {
      const moment = await before[kind].afterMessage(kind, genuine.slice(0, length));
      await assertFailed(moment, `${kind}.${fieldAt(LAYOUT[kind], length)}`);
    }
    const longer = new Uint8Array(genuine.length + 1);
    longer.set(genuine);
    await assertFailed(await before[kind].afterMessage(kind, longer), kind);
    for (const payload of [null, undefined, 7, true, {}, [1, 2], new Uint16Array(9)]) {
      await assertFailed(await before[kind].afterMessage(kind, payload), kind);
    }
    // Under another kind's name.
    for (const other of KINDS.filter((other) => other !== kind)) {
      const { error } = effectsOf(
        (await before[kind].afterMessage(kind, bob.sent[other])).effects,
        "failed",
      )[0]!;
      assertEquals(error.code, "malformed");
    }
  }
});

/** How a handshake ends for somebody: `secure`, the code of its failure, or where it was left standing. */
function outcomeOf(conversation: SessionPair, name: Name): string {
  const failures = effectsOf(conversation.effects[name], "failed");
  assert(failures.length <= 1);
  const secure = effectsOf(conversation.effects[name], "secure").length === 1;
  assert(!(secure && failures.length === 1));
  return failures[0]?.error.code ?? (secure ? "secure" : conversation.sessions[name].phase);
}

/** What each end makes of one changed bit in a field of what Alice sends. */
const OUTCOMES: readonly [kind: HandshakeMessage, field: string, alice: string, bob: string][] = [
  ["hello", "suite", "handshaking", "suite-mismatch"],
  ["hello", "type", "handshaking", "malformed"],
  ["hello", "modes", "bad-signature", "bad-signature"],
  ["hello", "nonce", "bad-signature", "bad-signature"],
  // The tests' identity of Alice stays in the subgroup with its last bit but two turned over.
  ["hello", "identity", "bad-signature", "bad-signature"],
  ["hello", "kemKey", "bad-signature", "bad-signature"],
  ["share", "suite", "handshaking", "suite-mismatch"],
  ["share", "type", "handshaking", "malformed"],
  ["share", "share", "handshaking", "bad-signature"],
  ["share", "ratchetKey", "handshaking", "bad-signature"],
  ["share", "kemCiphertext", "handshaking", "bad-signature"],
  ["share", "signature", "handshaking", "bad-signature"],
  // Bob's own confirmation is on its way by then, so Alice knows that he is who he says, and Bob leaves.
  ["confirmation", "suite", "secure", "suite-mismatch"],
  ["confirmation", "type", "secure", "malformed"],
  ["confirmation", "box", "secure", "bad-confirmation"],
];

Deno.test("a relay that changes one bit of any field leaves nobody with a key that the other has not", async () => {
  for (const [kind, field, ...expected] of OUTCOMES) {
    const conversation = SessionPair.of();
    const fields = LAYOUT[kind];
    const index = fields.findIndex(([name]) => name === field);
    const at = lengthOf(fields.slice(0, index + 1)) - 1;
    conversation.relay = (parcel) => {
      if (parcel.from !== "alice" || parcel.event !== EVENT_OF[kind]) return [parcel];
      const bit = field === "modes" ? 0 : 2;
      return [{ ...parcel, payload: flipBit(parcel.payload as Uint8Array, at, bit) }];
    };
    await conversation.meet();
    const outcomes = NAMES.map((name) => outcomeOf(conversation, name));
    assertEquals(outcomes, expected, `${kind}.${field}`);
    // Whoever failed sent nothing then, and says nothing more.
    for (const name of NAMES.filter((name) => conversation.sessions[name].phase === "ended")) {
      assertEquals(conversation.effects[name].at(-1)!.type, "failed");
      assertEquals(await conversation.say(name, "secret"), []);
      assertEquals(conversation.inbound[otherThan(name)], []);
    }
  }
});

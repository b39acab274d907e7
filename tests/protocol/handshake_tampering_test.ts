/** What comes of a byte that somebody changes on the way: one error, and no key. */
import { assert, assertEquals } from "@std/assert";
import type { HandshakeMessage } from "../../lib/protocol/handshake.ts";
import { effectsOf, type Name, NAMES, otherThan, SessionPair } from "../helpers/session_pair.ts";
import { flipBit, LAYOUT, lengthOf } from "../helpers/mutants.ts";
import { EVENT_OF } from "./recording.ts";

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

/** An invite code: it lets two people meet through a relay that swaps every key, and gives it one guess. */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { EXIT } from "../../lib/errors.ts";
import type { HandshakeMessage } from "../../lib/protocol/handshake.ts";
import { isCodeAtRisk } from "../../lib/protocol/session.ts";
import {
  effectsOf,
  type Name,
  NAMES,
  otherThan,
  type Parcel,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import { assertFailed, recordedHandshake, secureFacts } from "./recording.ts";

const CODE = "7-quiet-harbor-lantern";
const OTHER_CODE = "7-quiet-harbor-latern";

/** The codes of all failures, after which nothing else was done. */
function failuresOf(conversation: SessionPair, name: Name): string[] {
  const failures = effectsOf(conversation.effects[name], "failed");
  if (failures.length > 0) {
    assertEquals(conversation.effects[name].at(-1)!.type, "failed");
    assertEquals(conversation.sessions[name].phase, "ended");
    assertEquals(effectsOf(conversation.effects[name], "secure"), []);
  }
  for (const { error } of failures) assertEquals(error.exitCode, EXIT.untrusted);
  return failures.map(({ error }) => error.code);
}

Deno.test("an invite code that both have leads to a session that says so", async () => {
  const conversation = SessionPair.of({ alice: { code: CODE }, bob: { code: CODE } });
  await conversation.meet();
  const [alice, bob] = NAMES.map((name) => secureFacts(conversation.effects[name]));
  assertEquals([alice!.invited, bob!.invited], [true, true]);
  assertEquals(alice!.safetyNumber, bob!.safetyNumber);
});

Deno.test("an invite code that differs in one letter is refused on both sides as bad-code", async () => {
  const conversation = SessionPair.of({ alice: { code: CODE }, bob: { code: OTHER_CODE } });
  await conversation.meet();
  for (const name of NAMES) assertEquals(failuresOf(conversation, name), ["bad-code"]);
});

Deno.test("an invite code on one side only is a suite-mismatch on both", async () => {
  for (const name of NAMES) {
    const conversation = SessionPair.of({ [name]: { code: CODE } });
    await conversation.meet();
    for (const each of NAMES) assertEquals(failuresOf(conversation, each), ["suite-mismatch"]);
  }
});

heavyTest(
  "a peer that leaves without proving the code is reported as bad-code, once our proof is out",
  async () => {
    const { alice, bob } = await recordedHandshake("left", { code: CODE });
    // Before that it learned nothing that it could try a guess on.
    for (const moment of [alice.waiting, alice.started, alice.exchanging]) {
      const left = await moment.after({ type: "peer-left" });
      assertEquals(typesOf(left.effects), ["peer-left"]);
    }
    await assertFailed(await alice.confirming.after({ type: "peer-left" }), "bad-code");
    // A guesser may also just say nothing more.
    await assertFailed(await alice.confirming.after({ type: "timeout" }), "bad-code");
    // And after it has proved the code it may go as it likes.
    const left = await alice.secure.after({ type: "peer-left" });
    assertEquals(typesOf(left.effects), ["peer-left"]);
    // A confirmation that came before the share was kept, and is wrong: ours stays here.
    const early = await alice.exchanging.afterMessage("confirmation", alice.sent.confirmation);
    await assertFailed(await early.afterMessage("share", bob.sent.share), "bad-code");
  },
);

heavyTest(
  "a peer that breaks off without proving the code, in whatever way, is reported as bad-code",
  async () => {
    // It holds our proof by then. If it could end this in a way that looks like an accident, the same code
    // would be tried again, and it would have another guess.
    const { alice, bob } = await recordedHandshake("left", { code: CODE });
    assert(isCodeAtRisk(alice.confirming.session));
    for (const { session } of [alice.waiting, alice.started, alice.exchanging, alice.secure]) {
      assert(!isCodeAtRisk(session));
    }
    const breaks: [HandshakeMessage, unknown][] = [
      ["hello", bob.sent.hello],
      ["hello", "a classic key"],
      ["share", bob.sent.share],
      ["confirmation", new Uint8Array()],
      ["confirmation", null],
      ["confirmation", alice.sent.confirmation],
    ];
    for (const [kind, payload] of breaks) {
      await assertFailed(await alice.confirming.afterMessage(kind, payload), "bad-code");
    }
    // Without a code there is nothing to guess, and the fault keeps its name.
    const plain = await recordedHandshake();
    assert(!isCodeAtRisk(plain.alice.confirming.session));
  },
);

/**
 * A relay that stands between: it meets Alice as if it were Bob, and Bob as if it were Alice, with two
 * sessions of its own.
 */
async function meetThroughMallory(
  codes: { people: string | null; mallory: string | null },
): Promise<Record<Name, SessionPair>> {
  // In each of the two worlds one seat is Mallory's.
  const worlds = {
    alice: SessionPair.of(
      { alice: { code: codes.people }, bob: { code: codes.mallory } },
      "Alice and Mallory",
    ),
    bob: SessionPair.of(
      { alice: { code: codes.mallory }, bob: { code: codes.people } },
      "Mallory and Bob",
    ),
  };
  await worlds.alice.meet();
  await worlds.bob.meet();
  return worlds;
}

Deno.test("a relay that swaps every key succeeds without a code, and the safety numbers differ", async () => {
  const worlds = await meetThroughMallory({ people: null, mallory: null });
  const [alice, bob] = NAMES.map((name) => secureFacts(worlds[name].effects[name]));
  assertNotEquals(alice!.safetyNumber, bob!.safetyNumber);
  assert(alice!.safetyNumber.slice(0, 11) !== bob!.safetyNumber.slice(0, 11));
});

Deno.test("a relay that swaps every key is refused on both sides where there is a code", async () => {
  // Mallory does not know it: she tries a guess, and she tries to do without.
  const guessed = await meetThroughMallory({ people: CODE, mallory: OTHER_CODE });
  for (const name of NAMES) assertEquals(failuresOf(guessed[name], name), ["bad-code"]);
  const without = await meetThroughMallory({ people: CODE, mallory: null });
  for (const name of NAMES) assertEquals(failuresOf(without[name], name), ["suite-mismatch"]);
});

Deno.test("a relay that swaps every key and guesses the code succeeds: Mallory's attack is a real one", async () => {
  const worlds = await meetThroughMallory({ people: CODE, mallory: CODE });
  for (const name of NAMES) secureFacts(worlds[name].effects[name]);
});

Deno.test("a relay that passes on the proof of the code from somebody who knows it is refused", async () => {
  // Mallory meets both with keys of her own, and hands each one's confirmation to the other.
  const worlds = {
    alice: SessionPair.of({ alice: { code: CODE }, bob: { code: OTHER_CODE } }, "A and M"),
    bob: SessionPair.of({ alice: { code: OTHER_CODE }, bob: { code: CODE } }, "M and B"),
  };
  const caught: Partial<Record<Name, Parcel>> = {};
  for (const name of NAMES) {
    worlds[name].relay = (parcel) => {
      if (parcel.event !== "SECURE_BC") return [parcel];
      if (parcel.from === name) caught[name] = parcel;
      return [];
    };
    await worlds[name].meet();
  }
  for (const name of NAMES) {
    const proof = caught[otherThan(name)]!;
    await worlds[name].receive(name, proof.event, proof.payload);
    assertEquals(failuresOf(worlds[name], name), ["bad-code"]);
  }
});

Deno.test("an invite code appears in nothing that is sent, shown or reported", async () => {
  const needle = "quiet-harbor";
  for (const bobs of [CODE, OTHER_CODE]) {
    const conversation = SessionPair.of({ alice: { code: CODE }, bob: { code: bobs } });
    await conversation.meet();
    const shown = JSON.stringify(
      conversation.effects,
      (_, value) =>
        value instanceof Uint8Array
          ? new TextDecoder().decode(value)
          : value instanceof Error
          ? [value.message, value.stack, { ...value }]
          : typeof value === "bigint"
          ? String(value)
          : value,
    );
    assert(shown.length > 10_000);
    assert(!shown.includes(needle));
  }
});

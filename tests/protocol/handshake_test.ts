import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { i2osp } from "../../lib/crypto/integers.ts";
import { BLOCK_BYTES } from "../../lib/crypto/aes_cfb.ts";
import { jacobi } from "../../lib/crypto/modular.ts";
import { sealBox } from "../../lib/crypto/secret_box.ts";
import { type CheckCode, EXIT } from "../../lib/errors.ts";
import { MAX_NAME_BYTES } from "../../lib/protocol/constants.ts";
import { startHandshake, verifyShare } from "../../lib/protocol/handshake.ts";
import { newSession } from "../../lib/protocol/session.ts";
import {
  encodeConfirmation,
  encodeHello,
  GROUP,
  parseHello,
  parseShareMessage,
} from "../../lib/protocol/wire.ts";
import {
  effectsOf,
  environmentOf,
  identityOf,
  NAMES,
  optionsOf,
  otherThan,
  SessionPair,
  typesOf,
} from "../helpers/session_pair.ts";
import { flipBit, LAYOUT, offsetOf, overwrite } from "../helpers/mutants.ts";
import {
  assertFailed,
  KINDS,
  onlyError,
  recordedHandshake,
  secureFacts,
  signShare,
} from "./recording.ts";

const { p } = GROUP;

/** 5 is no square mod p, so it lies outside the subgroup of order q. */
const NON_RESIDUE = 5n;

/** What is no key and no share. */
const OUTSIDE: readonly [what: string, value: bigint][] = [
  ["0", 0n],
  ["1", 1n],
  ["p - 1", p - 1n],
  ["p", p],
  ["p + 1", p + 1n],
  ["a non-residue", NON_RESIDUE],
  ["minus a square", p - 4n],
];

function element(value: bigint) {
  return i2osp(value, GROUP.elementBytes);
}

heavyTest(
  "a handshake gives both sides one session, one safety number, and each other's name and key",
  async () => {
    const conversation = SessionPair.of(
      { alice: { name: "Alice Ω" }, bob: { name: "" } },
      "the suite's group",
      GROUP,
    );
    await conversation.meet();
    const [alice, bob] = NAMES.map((name) => secureFacts(conversation.effects[name]));
    assertEquals(alice!.sessionId, bob!.sessionId);
    assertEquals(alice!.safetyNumber, bob!.safetyNumber);
    assertEquals(alice!.transcript, bob!.transcript);
    assertEquals([alice!.peerName, bob!.peerName], ["", "Alice Ω"]);
    assertEquals(alice!.peerIdentity.bytes, identityOf("bob").publicKey.bytes);
    assertEquals(bob!.peerIdentity.bytes, identityOf("alice").publicKey.bytes);
    assertEquals([alice!.ownFingerprint, alice!.peerFingerprint], [
      bob!.peerFingerprint,
      bob!.ownFingerprint,
    ]);
    assertNotEquals(alice!.ownFingerprint, alice!.peerFingerprint);
    assertEquals([alice!.deniable, alice!.invited], [false, false]);
  },
);

Deno.test("a handshake sends three messages from each side, and the steps come in order", async () => {
  const conversation = SessionPair.of();
  await conversation.meet();
  for (const name of NAMES) {
    assertEquals(
      conversation.effects[name].map((effect) =>
        effect.type === "emit" ? effect.event : effect.type === "step" ? effect.step : effect.type
      ),
      [
        "keys-made",
        "key-exchange",
        "ELGAMAL_PK",
        "identity-sent",
        "identity-received",
        "DEFF_HELLMAN_PK",
        "share-sent",
        "signature-verified",
        "secret-computed",
        "SECURE",
        "secure",
        // The session begins with a `resume`.
        "message",
        "signal",
      ],
    );
  }
});

Deno.test("a handshake is deniable only if both ask", async () => {
  for (const [alice, bob] of [[true, true], [true, false], [false, true]] as const) {
    const conversation = SessionPair.of({ alice: { deniable: alice }, bob: { deniable: bob } });
    await conversation.meet();
    for (const name of NAMES) {
      assertEquals(secureFacts(conversation.effects[name]).deniable, alice && bob);
    }
  }
});

heavyTest(
  "a session's keys are fresh: the same two people never meet in the same session twice",
  async () => {
    const [one, other] = [await recordedHandshake("one"), await recordedHandshake("other")];
    const [a, b] = [one, other].map(({ alice }) => secureFacts(alice.secure.effects));
    assertNotEquals(a!.sessionId, b!.sessionId);
    assertNotEquals(a!.safetyNumber, b!.safetyNumber);
    for (const kind of KINDS) assertNotEquals(one.alice.sent[kind], other.alice.sent[kind]);
    const [mine, later] = [one, other].map(({ alice }) => parseHello(alice.sent.hello));
    assertNotEquals(mine!.nonce, later!.nonce);
    assertNotEquals(mine!.kemKey, later!.kemKey);
    const [share, another] = [one, other].map(({ alice }) => parseShareMessage(alice.sent.share));
    for (const field of ["share", "kemCiphertext", "signature"] as const) {
      assertNotEquals(share![field], another![field], field);
    }
  },
);

Deno.test("startHandshake() and newSession() refuse a name that does not fit, in bytes", async () => {
  const longest = optionsOf("alice", { name: "é".repeat(63) + "e" });
  assertEquals(new TextEncoder().encode(longest.name).length, MAX_NAME_BYTES);
  newSession(longest);
  const tooLong = optionsOf("alice", { name: "é".repeat(64) });
  assertThrows(() => newSession(tooLong), RangeError, "127 bytes");
  await assertRejects(() => startHandshake(tooLong, environmentOf("x")), RangeError, "127 bytes");
});

Deno.test("a handshake sends the longest name and the shortest with equal lengths", async () => {
  const longest = "n".repeat(MAX_NAME_BYTES);
  const conversation = SessionPair.of({ alice: { name: longest }, bob: { name: "" } });
  await conversation.meet();
  const lengths = conversation.posted.filter(({ event }) => event === "SECURE_BC")
    .map(({ payload }) => (payload as Uint8Array).length);
  assertEquals(lengths, [185, 185]);
  assertEquals(secureFacts(conversation.effects.bob).peerName, longest);
});

heavyTest(
  "verifyShare() holds for the recorded shares, and for no other order of hellos or signer",
  async () => {
    const { alice, bob } = await recordedHandshake();
    const share = parseShareMessage(alice.sent.share);
    const signer = identityOf("alice").publicKey;
    assert(await verifyShare(signer, alice.sent.hello, bob.sent.hello, share));
    assert(!await verifyShare(signer, bob.sent.hello, alice.sent.hello, share));
    assert(
      !await verifyShare(identityOf("bob").publicKey, alice.sent.hello, bob.sent.hello, share),
    );
  },
);

Deno.test("a handshake refuses an identity outside the subgroup", async () => {
  const { alice, bob } = await recordedHandshake();
  assertEquals(jacobi(NON_RESIDUE, p), -1);
  const at = offsetOf(LAYOUT.hello, "identity");
  for (const [, value] of OUTSIDE) {
    const hello = overwrite(bob.sent.hello, at, element(value));
    await assertFailed(await alice.started.afterMessage("hello", hello), "bad-key");
  }
});

heavyTest(
  "a handshake refuses a share outside the subgroup, signed as it may be",
  async () => {
    const { alice, bob } = await recordedHandshake();
    const genuine = parseShareMessage(bob.sent.share);
    for (const [, value] of OUTSIDE) {
      const bytes = await signShare(identityOf("bob"), bob.sent.hello, alice.sent.hello, {
        ...genuine,
        share: element(value),
      });
      await assertFailed(await alice.exchanging.afterMessage("share", bytes), "bad-share");
    }
  },
);

Deno.test("a handshake refuses an ML-KEM key that encodes none, and one that is missing", async () => {
  const { alice, bob } = await recordedHandshake();
  const at = offsetOf(LAYOUT.hello, "kemKey");
  const { sent: { hello } } = bob;
  const zeros = overwrite(hello, at, new Uint8Array(1184));
  await assertFailed(await alice.started.afterMessage("hello", zeros), "bad-key");
  const stripped = hello.slice(0, at);
  await assertFailed(await alice.started.afterMessage("hello", stripped), "hello.kemKey");

  // The real one: every coefficient is 4095, where 3328 is the largest.
  const conversation = SessionPair.of();
  await conversation.input("alice", { type: "start" });
  const garbage = overwrite(hello, at, new Uint8Array(1184).fill(0xff));
  const effects = await conversation.receive("alice", "ELGAMAL_PK_BC", garbage);
  assertEquals(effectsOf(effects, "failed")[0]?.error.code, "bad-key");
  assertEquals(typesOf(effects), ["failed"]);
});

heavyTest("a handshake ends when the peer's ML-KEM ciphertext is for another key", async () => {
  const [{ alice, bob }, { bob: other }] = [
    await recordedHandshake(),
    await recordedHandshake("other"),
  ];
  // Bob signs it himself, so that only the secret is wrong: implicit rejection, and then no confirmation.
  const share = await signShare(identityOf("bob"), bob.sent.hello, alice.sent.hello, {
    ...parseShareMessage(bob.sent.share),
    kemCiphertext: parseShareMessage(other.sent.share).kemCiphertext,
  });
  const confirming = await alice.exchanging.afterMessage("share", share);
  const failed = await confirming.afterMessage("confirmation", bob.sent.confirmation);
  await assertFailed(failed, "bad-confirmation");
});

Deno.test("a handshake refuses its own messages, sent back", async () => {
  const { alice, bob } = await recordedHandshake();
  const { sent } = alice;
  await assertFailed(await alice.started.afterMessage("hello", sent.hello), "reflection");
  // The same key in another hello is still our own key.
  const disguised = encodeHello({
    ...parseHello(bob.sent.hello),
    identity: sent.hello.slice(42, 426),
  });
  await assertFailed(await alice.started.afterMessage("hello", disguised), "reflection");
  await assertFailed(await alice.exchanging.afterMessage("share", sent.share), "bad-signature");
  await assertFailed(
    await alice.confirming.afterMessage("confirmation", sent.confirmation),
    "bad-confirmation",
  );
});

heavyTest("a handshake refuses the messages of an earlier session", async () => {
  const [now, before] = [await recordedHandshake(), await recordedHandshake("before")];
  for (const name of NAMES) {
    const [side, old] = [now[name], before[otherThan(name)].sent];
    // All of the old one: its hello is as good as a new one, and its signature covers another hello of ours.
    const exchanging = await side.started.afterMessage("hello", old.hello);
    await assertFailed(await exchanging.afterMessage("share", old.share), "bad-signature");
    // One old message among new ones.
    await assertFailed(await side.exchanging.afterMessage("share", old.share), "bad-signature");
    await assertFailed(
      await side.confirming.afterMessage("confirmation", old.confirmation),
      "bad-confirmation",
    );
  }
});

heavyTest("a handshake refuses what its peer sends to somebody else at the same time", async () => {
  // Bob, with one hello, meets Alice and Carol; the relay crosses what he sends to them.
  const bob = await recordedHandshake();
  const { alice, bob: toAlice } = bob;
  const carol = (await recordedHandshake("carol")).alice.sent;
  const toCarol = await toAlice.started.afterMessage("hello", carol.hello);
  const [emit] = effectsOf(toCarol.effects, "emit");
  await assertFailed(
    await alice.exchanging.afterMessage("share", emit!.payload),
    "bad-signature",
  );
});

Deno.test("a handshake gives nobody else's secret another name: identity misbinding", async () => {
  // Mallory shows Alice her own key where Bob's was, and signs Bob's very share with it. Every secret is
  // the same on both sides. Alice would take Bob for Mallory, and Bob would know her as Alice.
  const { alice, bob } = await recordedHandshake();
  const mallory = identityOf("mallory");
  const hello = overwrite(
    bob.sent.hello,
    offsetOf(LAYOUT.hello, "identity"),
    mallory.publicKey.bytes,
  );
  const exchanging = await alice.started.afterMessage("hello", hello);
  const [share] = effectsOf(exchanging.effects, "emit");
  const stolen = await signShare(
    mallory,
    hello,
    alice.sent.hello,
    parseShareMessage(bob.sent.share),
  );
  const confirming = await exchanging.afterMessage("share", stolen);
  await assertFailed(
    await confirming.afterMessage("confirmation", bob.sent.confirmation),
    "bad-confirmation",
  );
  // And Bob gets a share of Alice's that speaks of Mallory.
  await assertFailed(
    await bob.exchanging.afterMessage("share", share!.payload),
    "bad-signature",
  );
});

Deno.test("a handshake in which the relay takes away or adds a mode fails on both sides", async () => {
  const changes: [own: { deniable?: boolean; code?: string }, modes: number, code: CheckCode][] = [
    [{ deniable: true }, 0, "bad-signature"],
    [{}, 1, "bad-signature"],
    [{ code: "7-quiet-harbor" }, 0, "suite-mismatch"],
    [{}, 2, "suite-mismatch"],
  ];
  for (const [options, modes, code] of changes) {
    const conversation = SessionPair.of({ alice: options, bob: options });
    conversation.relay = (parcel) => {
      if (parcel.event !== "ELGAMAL_PK_BC") return [parcel];
      const at = offsetOf(LAYOUT.hello, "modes");
      const payload = overwrite(parcel.payload as Uint8Array, at, Uint8Array.of(modes));
      return [{ ...parcel, payload }];
    };
    await conversation.meet();
    for (const name of NAMES) {
      const errors = effectsOf(conversation.effects[name], "failed");
      assertEquals(errors.map(({ error }) => error.code), [code]);
      assertEquals(effectsOf(conversation.effects[name], "secure"), []);
    }
  }
});

Deno.test("a handshake refuses a modes byte that it does not know", async () => {
  const { alice, bob } = await recordedHandshake();
  const at = offsetOf(LAYOUT.hello, "modes");
  for (let modes = 4; modes < 256; modes++) {
    const hello = overwrite(bob.sent.hello, at, Uint8Array.of(modes));
    await assertFailed(await alice.started.afterMessage("hello", hello), "hello.modes");
  }
});

Deno.test("a handshake recognizes a peer of the original suite", async () => {
  const { alice } = await recordedHandshake();
  for (const moment of [alice.waiting, alice.started]) {
    await assertFailed(
      await moment.afterMessage("hello", "12345678901234567890"),
      "suite-mismatch",
    );
  }
});

Deno.test("a handshake refuses a second message of each kind, whatever it holds", async () => {
  const { alice, bob } = await recordedHandshake();
  const { sent } = bob;
  for (const payload of [sent.hello, flipBit(sent.hello, 20), new Uint8Array()]) {
    await assertFailed(await alice.exchanging.afterMessage("hello", payload), "unexpected");
    await assertFailed(await alice.confirming.afterMessage("hello", payload), "unexpected");
  }
  await assertFailed(await alice.confirming.afterMessage("share", sent.share), "unexpected");
  const early = await alice.started.afterMessage("share", sent.share);
  await assertFailed(await early.afterMessage("share", sent.share), "unexpected");
  const earlier = await alice.started.afterMessage("confirmation", sent.confirmation);
  await assertFailed(
    await earlier.afterMessage("confirmation", sent.confirmation),
    "unexpected",
  );
});

Deno.test("a finished handshake refuses more of its messages and stays as it is", async () => {
  const { alice, bob } = await recordedHandshake();
  for (const kind of KINDS) {
    for (const payload of [bob.sent[kind], new Uint8Array(), "text", null]) {
      const moment = await alice.secure.afterMessage(kind, payload);
      assert(moment.session === alice.secure.session);
      const [effect] = effectsOf(moment.effects, "refused");
      assertEquals(effect?.error.code, "unexpected");
      assertEquals(moment.effects.length, 1);
    }
  }
});

Deno.test("a confirmation is refused when its padding or its name breaks a rule", async () => {
  // Bob holds the keys and keeps no rule: he seals another plaintext with them.
  const { alice, bob } = await recordedHandshake();
  const { keys } = bob.confirming.session.handshake!.agreement!;
  const { role } = bob.confirming.session.handshake!.exchange!;
  const seal = async (plaintext: Uint8Array) =>
    encodeConfirmation(
      await sealBox(
        keys.confirmation[role],
        new Uint8Array(BLOCK_BYTES),
        keys.sessionId,
        plaintext,
      ),
    );
  const padded = (...head: number[]) => overwrite(new Uint8Array(128), 0, Uint8Array.from(head));
  const genuine = await alice.confirming.afterMessage("confirmation", await seal(padded(1, 66)));
  assertEquals(secureFacts(genuine.effects).peerName, "B");
  const faults: [Uint8Array, Parameters<typeof assertFailed>[1]][] = [
    [padded(128), "confirmation.name"],
    [padded(255), "confirmation.name"],
    [padded(1, 66, 1), "confirmation.padding"],
    [overwrite(padded(1, 66), 127, Uint8Array.of(1)), "confirmation.padding"],
    [padded(0, 66), "confirmation.padding"],
    [padded(1, 0xff), "confirmation.name"],
    [padded(1, 0xc3, 0xa9), "confirmation.padding"],
    [padded(3, 0xed, 0xa0, 0x80), "confirmation.name"],
  ];
  for (const [plaintext, code] of faults) {
    const moment = await alice.confirming.afterMessage("confirmation", await seal(plaintext));
    await assertFailed(moment, code);
  }
  // Of another length it is no confirmation at all.
  const short = await seal(new Uint8Array(127));
  await assertFailed(
    await alice.confirming.afterMessage("confirmation", short),
    "confirmation.box",
  );
});

Deno.test("a peer that leaves before the handshake is done leaves cleanly", async () => {
  const { alice } = await recordedHandshake();
  for (const moment of [alice.waiting, alice.started, alice.exchanging, alice.confirming]) {
    const left = await moment.after({ type: "peer-left" });
    assertEquals(left.effects, [{ type: "peer-left", clean: true }]);
    assertEquals(left.session.phase, "ended");
    assertEquals(left.session.handshake, null);
  }
});

Deno.test("a session takes no message before its handshake is done, and goes on", async () => {
  const { alice } = await recordedHandshake();
  for (const moment of [alice.waiting, alice.started, alice.exchanging, alice.confirming]) {
    for (const payload of [new Uint8Array(500), "text"]) {
      const next = await moment.after({ type: "receive", event: "received_message", payload });
      assert(next.session === moment.session);
      assertEquals(effectsOf(next.effects, "refused")[0]?.error.code, "unexpected");
      assertEquals(next.effects.length, 1);
    }
  }
});

Deno.test("what arrives is copied: whoever changes it afterwards changes nothing", async () => {
  const { alice, bob } = await recordedHandshake();
  const hello = Uint8Array.from(bob.sent.hello);
  const exchanging = await alice.started.afterMessage("hello", hello);
  hello.fill(0);
  const buffer = bob.sent.share.slice().buffer;
  const confirming = await exchanging.afterMessage("share", buffer);
  new Uint8Array(buffer).fill(0);
  const secure = await confirming.afterMessage("confirmation", bob.sent.confirmation);
  assertEquals(
    secureFacts(secure.effects).sessionId,
    secureFacts(alice.secure.effects).sessionId,
  );
});

Deno.test("a handshake refuses the share of the first edition, which had a ratchet key in it", async () => {
  const { alice, bob } = await recordedHandshake();
  const share = bob.sent.share;
  const at = offsetOf(LAYOUT.share, "kemCiphertext");
  const older = concatBytes(share.slice(0, at), share.slice(9, 9 + 384), share.slice(at));
  assertEquals([share.length, older.length], [2249, 2633]);
  await assertFailed(await alice.exchanging.afterMessage("share", older), "share");
});

Deno.test("a peer that takes too long for its part of the handshake ends it: handshake-timeout", async () => {
  const { alice } = await recordedHandshake();
  for (const moment of [alice.started, alice.exchanging, alice.confirming]) {
    const { session, effects } = await moment.after({ type: "timeout" });
    assertEquals(effects[0]!.type, "failed");
    const error = onlyError(effects);
    assertEquals([error.code, error.exitCode], ["handshake-timeout", EXIT.failed]);
    assertEquals([session.phase, session.handshake], ["ended", null]);
  }
  // Before anybody is there, and when the handshake is done, there is nothing to wait for.
  for (const moment of [alice.waiting, alice.secure]) {
    const { session, effects } = await moment.after({ type: "timeout" });
    assertEquals(effects, []);
    assert(session === moment.session);
  }
});

Deno.test("a peer of another version of the suite is told apart", async () => {
  const { alice, bob } = await recordedHandshake();
  const hello = overwrite(bob.sent.hello, 0, utf8("parley-2"));
  for (const moment of [alice.waiting, alice.started]) {
    await assertFailed(await moment.afterMessage("hello", hello), "suite-mismatch");
  }
});

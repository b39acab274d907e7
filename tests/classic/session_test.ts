import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ClassicSigningKey } from "../../lib/classic/elgamal.ts";
import { type ClassicEffect, newClassicSession } from "../../lib/classic/session.ts";
import { encodeClassicShare, parseClassicShare, sealText } from "../../lib/classic/wire.ts";
import { fromHex } from "../../lib/crypto/bytes.ts";
import { MAX_TEXT_BYTES } from "../../lib/protocol/constants.ts";
import { CheckError, EXIT, ParleyError } from "../../lib/errors.ts";
import type { PeerEvent } from "../../lib/relay/wire_events.ts";
import { Dice } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import {
  drawing,
  FIRST_TIME,
  groupOf,
  opened,
  outline,
  Player,
  RECORDED,
  sent,
  SMALL_GROUP,
} from "./world.ts";

/** The code of the failure that ends a session, which must end with it and say nothing. */
function failureOf(player: Player, effects: readonly ClassicEffect[]): string {
  const last = effects.at(-1)!;
  assert(last.type === "failed", outline(effects).join());
  assertEquals(last.error.exitCode, EXIT.untrusted);
  assertEquals(player.session.phase, "ended");
  assertEquals(sent(player.effects, "message"), []);
  return last.error.code;
}

for (const recorded of RECORDED) {
  for (const [own, peer] of [["alice", "bob"], ["bob", "alice"]] as const) {
    Deno.test(`advanceClassic() plays ${own}'s part as the Python client did, letter by letter (${recorded.name})`, async () => {
      const group = groupOf(recorded);
      const [side, other] = [recorded[own], recorded[peer]];
      const ivs = recorded.messages.map(({ iv }) => iv);
      const key = ClassicSigningKey.generate(group, drawing(group, BigInt(side.x)));
      const random = drawing(group, BigInt(side.exponent), BigInt(side.k), ...ivs);
      const player = new Player(own, group, { random, now: () => 0 });
      player.session = newClassicSession(key);
      await player.take({ type: "start" });
      await player.receive("ELGAMAL_PK_BC", other.y);
      await player.receive("DEFF_HELLMAN_PK_BC", other.shareMessage);
      await player.take({ type: "say", texts: recorded.messages.map(({ text }) => text) });
      assertEquals(sent(player.effects, "ELGAMAL_PK"), [side.y]);
      assertEquals(sent(player.effects, "DEFF_HELLMAN_PK"), [side.shareMessage]);
      const messages = recorded.messages.map(({ message }) => message);
      assertEquals(sent(player.effects, "message"), messages);
      for (const message of messages) await player.receive("received_message", message);
      assertEquals(player.heard, recorded.messages.map(({ text }) => text));
    });
  }
}

Deno.test("advanceClassic() takes the seven steps in order", async () => {
  const [alice, bob] = [new Player("alice"), new Player("bob")];
  const started = await alice.take({ type: "start" });
  assertEquals(outline(started), ["keys-made", "key-exchange", "emit ELGAMAL_PK", "identity-sent"]);
  const [bobKey] = sent(await bob.take({ type: "start" }), "ELGAMAL_PK");
  const received = await alice.receive("ELGAMAL_PK_BC", bobKey);
  assertEquals(outline(received), ["identity-received", "emit DEFF_HELLMAN_PK", "share-sent"]);
  const [aliceKey] = sent(started, "ELGAMAL_PK");
  const [share] = sent(await bob.receive("ELGAMAL_PK_BC", aliceKey), "DEFF_HELLMAN_PK");
  const done = await alice.receive("DEFF_HELLMAN_PK_BC", share);
  assertEquals(outline(done), ["signature-verified", "secret-computed", "open"]);
});

Deno.test("advanceClassic() says texts in order, numbered and dated, and none before it is open", async () => {
  const { alice: early } = await halfway();
  await assertRejects(() => early.take({ type: "say", texts: ["early"] }), TypeError);
  const { alice, bob } = await opened();
  await alice.take({ type: "say", texts: ["one", "two"] });
  const later = await alice.take({ type: "say", texts: ["three"] });
  assertEquals(outline(later), ["emit message", "said"]);
  for (const message of sent(alice.effects, "message")) {
    await bob.receive("received_message", message);
  }
  const expected = ["one", "two", "three"].map((text, i) => ({
    text,
    time: FIRST_TIME + 1000 * i,
    sequence: i,
  }));
  const said = alice.effects.filter(({ type }) => type === "said");
  assertEquals(said, expected.map((one) => ({ ...one, type: "said" as const })));
  const heard = bob.effects.filter(({ type }) => type === "message");
  assertEquals(heard, expected.map((one) => ({ ...one, type: "message" as const })));
});

Deno.test("advanceClassic() begins when the other side's key overtakes KEY_EXCHANGE, and once", async () => {
  const [alice, bob] = [new Player("alice"), new Player("bob")];
  const [key] = sent(await bob.take({ type: "start" }), "ELGAMAL_PK");
  const effects = await alice.receive("ELGAMAL_PK_BC", key);
  assertEquals(outline(effects), [
    "keys-made",
    "emit ELGAMAL_PK",
    "identity-sent",
    "identity-received",
    "emit DEFF_HELLMAN_PK",
    "share-sent",
  ]);
  assertEquals(await alice.take({ type: "start" }), []);
});

/** Somebody who has the other side's key, and what the other side would send next. */
async function halfway() {
  const [alice, bob] = [new Player("alice"), new Player("bob")];
  const [aliceKey] = sent(await alice.take({ type: "start" }), "ELGAMAL_PK");
  const [bobKey] = sent(await bob.take({ type: "start" }), "ELGAMAL_PK");
  const [share] = sent(await bob.receive("ELGAMAL_PK_BC", aliceKey), "DEFF_HELLMAN_PK");
  await alice.receive("ELGAMAL_PK_BC", bobKey);
  return { alice, bob, ...parseClassicShare(SMALL_GROUP, share) };
}

const { q } = SMALL_GROUP;

Deno.test("advanceClassic() ends at a signature over another share, by another key, or changed: bad-signature", async () => {
  const mallory = ClassicSigningKey.generate(SMALL_GROUP, seededRandom("mallory"));
  const { share, signature } = await halfway();
  const wrong = [
    { share: share === 5n ? 6n : 5n, signature },
    { share, signature: await mallory.sign(String(share), seededRandom("x")) },
    { share, signature: { ...signature, s1: signature.s1 + 1n } },
    { share, signature: { ...signature, s2: signature.s2 - 1n } },
    { share, signature: { ...signature, s2: signature.s2 + q - 1n } },
    { share, signature: { ...signature, s1: 0n } },
    { share, signature: { ...signature, s2: 0n } },
  ];
  for (const message of wrong) {
    const { alice } = await halfway();
    const effects = await alice.receive("DEFF_HELLMAN_PK_BC", encodeClassicShare(message));
    assertEquals(failureOf(alice, effects), "bad-signature");
  }
});

const KEYS: readonly [what: string, key: unknown, code: string][] = [
  ["0", "0", "bad-key"],
  ["1", "1", "bad-key"],
  ["q - 1", String(q - 1n), "bad-key"],
  ["q", String(q), "bad-key"],
  ["no number", "x", "malformed"],
  ["an object", {}, "malformed"],
  ["nothing", undefined, "malformed"],
  ["parley-1's bytes", new Uint8Array(1610), "suite-mismatch"],
  ["parley-1's bytes as an ArrayBuffer", new ArrayBuffer(1610), "suite-mismatch"],
];

for (const [what, key, code] of KEYS) {
  Deno.test(`advanceClassic() ends at a key that is ${what}: ${code}`, async () => {
    const alice = new Player("alice");
    await alice.take({ type: "start" });
    assertEquals(failureOf(alice, await alice.receive("ELGAMAL_PK_BC", key)), code);
  });
}

const SHARES: readonly [what: string, share: unknown, code: string][] = [
  ["0", encodeClassicShare({ share: 0n, signature: { s1: 1n, s2: 1n } }), "bad-share"],
  ["1", encodeClassicShare({ share: 1n, signature: { s1: 1n, s2: 1n } }), "bad-share"],
  ["q - 1", encodeClassicShare({ share: q - 1n, signature: { s1: 1n, s2: 1n } }), "bad-share"],
  ["q", encodeClassicShare({ share: q, signature: { s1: 1n, s2: 1n } }), "bad-share"],
  ["no JSON", "5", "malformed"],
  ["an object that is no text", { deff_public_key: 5, s1: 1, s2: 1 }, "malformed"],
  ["bytes", new Uint8Array(2633), "malformed"],
];

for (const [what, share, code] of SHARES) {
  Deno.test(`advanceClassic() ends at a share that is ${what}: ${code}`, async () => {
    const { alice } = await halfway();
    assertEquals(failureOf(alice, await alice.receive("DEFF_HELLMAN_PK_BC", share)), code);
  });
}

Deno.test("advanceClassic() refuses a share signed correctly by a peer whose share is q - 1", async () => {
  const mallory = ClassicSigningKey.generate(SMALL_GROUP, seededRandom("mallory"));
  const alice = new Player("alice");
  await alice.receive("ELGAMAL_PK_BC", String(mallory.y));
  const share = q - 1n;
  const signature = await mallory.sign(String(share), seededRandom("x"));
  const effects = await alice.receive(
    "DEFF_HELLMAN_PK_BC",
    encodeClassicShare({ share, signature }),
  );
  assertEquals(failureOf(alice, effects), "bad-share");
});

Deno.test("advanceClassic() keeps a share that overtakes its key, and verifies it as strictly then", async () => {
  const { bob } = await halfway();
  const [key] = sent(bob.effects, "ELGAMAL_PK");
  const [share] = sent(bob.effects, "DEFF_HELLMAN_PK");
  const alice = new Player("alice");
  await alice.take({ type: "start" });
  assertEquals(await alice.receive("DEFF_HELLMAN_PK_BC", share), []);
  assertEquals(outline(await alice.receive("ELGAMAL_PK_BC", key)), [
    "identity-received",
    "emit DEFF_HELLMAN_PK",
    "share-sent",
    "signature-verified",
    "secret-computed",
    "open",
  ]);
  assertEquals(alice.session.channel!.key, await keyOf(bob, alice));
  const deceived = new Player("alice");
  await deceived.receive("DEFF_HELLMAN_PK_BC", share);
  const effects = await deceived.receive("ELGAMAL_PK_BC", "5");
  assertEquals(failureOf(deceived, effects), "bad-signature");
});

/** The message key of a session, once it has the other one's share. */
async function keyOf(own: Player, peer: Player) {
  await own.receive("DEFF_HELLMAN_PK_BC", sent(peer.effects, "DEFF_HELLMAN_PK")[0]);
  return own.session.channel!.key;
}

Deno.test("advanceClassic() ends at a second key, and at a second share before the key", async () => {
  const { alice, bob } = await halfway();
  assertEquals(failureOf(alice, await alice.receive("ELGAMAL_PK_BC", "5")), "unexpected");
  const early = new Player("alice");
  const [share] = sent(bob.effects, "DEFF_HELLMAN_PK");
  await early.receive("DEFF_HELLMAN_PK_BC", share);
  assertEquals(failureOf(early, await early.receive("DEFF_HELLMAN_PK_BC", share)), "unexpected");
});

Deno.test("advanceClassic() refuses what has no place, and goes on as if it had not come", async () => {
  const { alice, bob } = await opened();
  const before = alice.session;
  const [key] = sent(bob.effects, "ELGAMAL_PK");
  const [share] = sent(bob.effects, "DEFF_HELLMAN_PK");
  const strays: [PeerEvent, unknown][] = [
    ["ELGAMAL_PK_BC", key],
    ["ELGAMAL_PK_BC", new Uint8Array(3)],
    ["DEFF_HELLMAN_PK_BC", share],
    ["SECURE_BC", new Uint8Array(3)],
  ];
  for (const [event, payload] of strays) {
    assertEquals(outline(await alice.receive(event, payload)), ["refused unexpected"]);
    assertEquals(alice.session, before);
  }
  for (const message of ["", "x", null, new Uint8Array(9), '{"message": "QQ==", "iv": "QQ=="}']) {
    assertEquals(outline(await alice.receive("received_message", message)), ["refused malformed"]);
    assertEquals(alice.session, before);
  }
  for (const message of sent(await bob.take({ type: "say", texts: ["still here"] }), "message")) {
    await alice.receive("received_message", message);
  }
  assertEquals(alice.heard, ["still here"]);
});

Deno.test("advanceClassic() refuses a message and a SECURE before the handshake is done", async () => {
  const message = sealText(fromHex("00".repeat(32)), "x", seededRandom("x"));
  const fresh = new Player("alice");
  const { alice } = await halfway();
  for (const player of [fresh, alice]) {
    const before = player.session;
    for (const event of ["received_message", "SECURE_BC"] as const) {
      assertEquals(outline(await player.receive(event, message)), ["refused unexpected"]);
      assertEquals(player.session, before);
    }
  }
});

Deno.test("advanceClassic() shows a message twice that comes twice, and a changed one: nothing protects them", async () => {
  const { alice, bob } = await opened();
  const [message] = sent(await bob.take({ type: "say", texts: ["pay 100"] }), "message");
  await alice.receive("received_message", message);
  await alice.receive("received_message", message);
  // The last byte of the text, without any key: "0" becomes "9".
  const { message: text, iv } = JSON.parse(message!);
  const bytes = Uint8Array.fromBase64(text);
  bytes[6]! ^= "0".charCodeAt(0) ^ "9".charCodeAt(0);
  await alice.receive("received_message", JSON.stringify({ message: bytes.toBase64(), iv }));
  assertEquals(alice.heard, ["pay 100", "pay 100", "pay 109"]);
});

Deno.test("advanceClassic() is over when the other side leaves", async () => {
  const { alice } = await halfway();
  assertEquals(await alice.take({ type: "peer-left" }), [{ type: "peer-left" }]);
  assertEquals(alice.session.phase, "ended");
  for (const type of ["start", "peer-left"] as const) assertEquals(await alice.take({ type }), []);
  assertEquals(await alice.receive("ELGAMAL_PK_BC", "5"), []);
  const { bob } = await opened();
  assertEquals(await bob.take({ type: "peer-left" }), [{ type: "peer-left" }]);
});

Deno.test("advanceClassic() takes 512 KiB of UTF-8 and throws at more", async () => {
  const { alice } = await opened();
  const [fits, tooLong] = ["é".repeat(MAX_TEXT_BYTES / 2), "é".repeat(MAX_TEXT_BYTES / 2 + 1)];
  assertEquals(outline(await alice.take({ type: "say", texts: [fits] })), ["emit message", "said"]);
  await assertRejects(
    () => alice.take({ type: "say", texts: [tooLong] }),
    RangeError,
    "524288 bytes",
  );
});

heavyTest("advanceClassic() never throws for what the network brings, at any moment", async () => {
  const dice = new Dice(3);
  const keys: PeerEvent[] = ["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC"];
  const events: PeerEvent[] = [...keys, "SECURE_BC", "received_message"];
  const { bob } = await opened();
  const [message] = sent(await bob.take({ type: "say", texts: ["x"] }), "message");
  const texts = ["ELGAMAL_PK", "DEFF_HELLMAN_PK"] as const;
  const good: unknown[] = [...texts.flatMap((event) => sent(bob.effects, event)), message];
  const odd = [null, undefined, 0, {}, [], true, 5n, new Uint8Array(9), "", "{}", "[[["];
  const failures = new Set<string>();
  for (let run = 0; run < 400; run++) {
    const moments = [new Player("alice"), (await halfway()).alice, (await opened()).alice];
    for (const player of moments) {
      let payload = dice.pick(dice.below(3) === 0 ? odd : good);
      if (typeof payload === "string" && dice.below(2) === 0) {
        const at = dice.below(payload.length + 1);
        payload = payload.slice(0, at) + dice.pick(["", "1", '"', "}"]) + payload.slice(at + 1);
      }
      for (const effect of await player.receive(dice.pick(events), payload)) {
        if (effect.type !== "failed" && effect.type !== "refused") continue;
        assertInstanceOf(effect.error, ParleyError);
        assert(!effect.error.message.includes("\n"));
        failures.add(effect.error.code);
      }
    }
  }
  const codes = ["bad-key", "bad-signature", "malformed", "suite-mismatch", "unexpected"];
  assertEquals([...failures].filter((code) => codes.includes(code)).sort(), codes);
});

Deno.test("the message of a suite mismatch says what to do, and is one line", async () => {
  const alice = new Player("alice");
  const effects = await alice.receive("ELGAMAL_PK_BC", new Uint8Array(9));
  const failed = effects.at(-1)!;
  assert(failed.type === "failed");
  assertInstanceOf(failed.error, CheckError);
  assert(/parley-1.*leave out --classic/.test(failed.error.message), failed.error.message);
});

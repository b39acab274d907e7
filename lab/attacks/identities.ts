/**
 * Attacks on who the other side is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { DiffieHellmanKeyPair } from "../../lib/crypto/diffie_hellman.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { KEM_CIPHERTEXT_BYTES, mlKem768 } from "../../lib/crypto/kem.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { encodeHello, GROUP, NONCE_BYTES, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { changeHello, signedShare, tamperShare } from "../forge/messages.ts";
import type { Meddle, Seat } from "../harness/room.ts";
import { meetHostilePeer } from "../plays/handshake.ts";
import { CONFESSION, meetTextbookPeer, readWith } from "../plays/textbook_share.ts";
import { keyOf } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import { generateKey, type KeyPair, MODP } from "../textbook/elgamal.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { OwnKeysTap, shareFields } from "../textbook/tap.ts";

const MEETING = "meet me at nine at the old mill";
const [CODE, GUESS] = ["7-calm-harbor-lantern", "7-calm-harbor-lion"];

const manInTheMiddle: Attack = {
  name: "man-in-the-middle",
  idea: "The relay gives each side keys of its own, reads what one says, and says it to the other.",
  formula: "Alice <- g^ab' -> relay <- g^a'b -> Bob: two secrets, and the relay has both",
  check: "invite code in the key exchange",
  defence: "the invite code is in the key exchange",
  code: "bad-code",

  async textbook(lab) {
    const tap = new OwnKeysTap();
    const { alice, bob } = await lab.textbookPair(TextbookClient, tap.meddle);
    await lab.tell(alice, MEETING, bob);
    lab.narrate("each side verified a signature, by the relay's key", {
      "Alice's key": alice.elgamal.y,
      "what Bob takes for it": bob.peerKey!,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === MEETING && bob.shown[0] === MEETING, "the relay read what Bob read");
    return `the relay read "${MEETING}", and Bob too`;
  },

  async parley(lab) {
    await lab.control({ code: CODE });
    const room = lab.room();
    const { read, legs } = lab.middle(room, GUESS);
    const [alice, bob] = await lab.clients(room, { code: CODE });
    alice.say(MEETING);
    await lab.decision(alice, bob);
    lab.narrate("the relay has a key exchange with each, and guesses the code", {
      "their code": CODE,
      "its guess": GUESS,
    });
    mustNot(read.length > 0 || legs.alice.secure || legs.bob.secure, "the relay came between them");
    mustReach(bob.failure?.code === alice.failure?.code, "both refuse, for one reason");
    lab.narrate("both end the session", { error: alice.failure!.message });
    return { code: alice.failure!.code, seen: "both refused, and the relay read nothing" };
  },
};

const PIANO = "the money is in the piano";

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

const shortFingerprint: Attack = {
  name: "short-fingerprint",
  idea:
    "The two compare four digits of a key; the relay tries keys until its own has the same four.",
  formula: "10^4 values: about 10^4 keys g^(x+i), one multiplication each",
  check: "60 digits differ: unverified",
  defence: "60 digits over the whole session differ; the prompt says unverified",
  code: null,
  answer: "noticed",

  async textbook(lab) {
    const keys: Partial<Record<Seat, KeyPair & { tries: number }>> = {};
    const tap = new OwnKeysTap((to, key) => keys[to] = lookalike(key));
    const { alice, bob } = await lab.textbookPair(TextbookClient, tap.meddle);
    await lab.tell(alice, PIANO, bob);
    const [own, seen] = [fourDigits(alice.elgamal.y), fourDigits(bob.peerKey!)];
    lab.narrate("Alice reads her four digits to Bob, and Bob sees the same", {
      "Alice's key": alice.elgamal.y,
      "Alice's digits": own,
      "what Bob takes for her key": bob.peerKey!,
      "its digits": seen,
      "keys tried": keys.bob!.tries,
    });
    mustHold(own === seen && alice.elgamal.y !== bob.peerKey, "other keys, the same digits");
    mustHold(tap.read[0] === PIANO, "the relay reads");
    return `both compared ${own}; the relay read "${PIANO}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { read } = lab.middle(room);
    const [alice, bob] = await lab.clients(room);
    alice.say(PIANO);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads");
    mustReach(read[0] === PIANO, "without a code nothing stops the relay");
    const [one, other] = [alice.facts!.safetyNumber, bob.facts!.safetyNumber];
    lab.narrate("without a code the relay does come between, and it shows", {
      "the relay reads": read[0]!,
      "Alice sees": one,
      "Bob sees": other,
    });
    mustNot(one === other, "both see one number");
    mustNot(alice.facts!.invited || bob.facts!.invited, "a client says that it is verified");
    const seen = "the relay read along; the safety numbers that /verify shows differ";
    return { code: null, seen };
  },
};

const PASSWORD = "now that we are alone: the password is swordfish";

const keySubstitution: Attack = {
  name: "key-substitution",
  idea:
    "The relay lets the handshake pass, and later sends Alice new keys, its own, as if Bob had.",
  formula: "after g^ab: y', g^c, Sign(x', g^c); Alice goes on under g^ac",
  check: "each handshake message once",
  defence: "each handshake message has its place, once",
  code: "unexpected",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    const before = alice.key!;
    room.meddle = () => [];
    const own = generateKey(MODP, systemRandom);
    room.deliver("alice", "ELGAMAL_PK_BC", String(own.y));
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", writeJson(shareFields(own.y, own.x)));
    await lab.until(() => alice.key !== before, "Alice takes the new key");
    alice.say(PASSWORD);
    await lab.firstMessage(room);
    const text = readWith(room, modPow(alice.share, own.x, MODP.p));
    lab.narrate("Alice's program took the second handshake for the first", {
      "Bob's key": bob.elgamal.y,
      "what Alice now takes for it": alice.peerKey!,
      "the relay reads": text,
    });
    mustHold(text === PASSWORD && bob.shown.length === 0, "the relay reads, and Bob hears nothing");
    return `Alice spoke to the relay: "${text}"`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, room } = pair;
      const { role, transcript } = alice.facts!;
      const aliceHello = role === "low" ? transcript.helloLow : transcript.helloHigh;
      const identity = SigningKey.generate(GROUP, systemRandom);
      const { publicKey: kemKey } = await mlKem768.generate();
      const nonce = systemRandom(NONCE_BYTES);
      const [deniable, invite] = [false, false];
      const hello = encodeHello({
        deniable,
        invite,
        nonce,
        identity: identity.publicKey.bytes,
        kemKey,
      });
      const share = await signedShare(identity, hello, aliceHello, {
        share: DiffieHellmanKeyPair.generate(GROUP, systemRandom).share,
        kemCiphertext: systemRandom(KEM_CIPHERTEXT_BYTES),
      });
      lab.narrate("in the middle of the conversation a hello and a share come", { hello, share });
      room.deliver("alice", "ELGAMAL_PK_BC", hello);
      room.deliver("alice", "DEFF_HELLMAN_PK_BC", share);
      await pair.speak("bob");
      const [first, second, ...more] = alice.refusals;
      lab.narrate("Alice refuses both, and still reads Bob", { refused: alice.refusals.join(" ") });
      mustNot(second === undefined || more.length > 0, "Alice took new keys");
      mustNot(alice.all("secure").length > 0, "Alice has another session");
      return { code: first === second ? first! : null, seen: "Alice refused both and talked on" };
    }),
};

const ACCOUNT = "the number of the account is 4711";

const forgedReset: Attack = {
  name: "forged-reset",
  idea:
    'The relay says "begin again" in mid-talk and brings its own keys; lines that wait go to it.',
  formula: "KEY_EXCHANGE, y', g^c, Sign(x', g^c): a new key with somebody new",
  check: "kept lines go to one identity",
  defence: "lines kept for one identity are not sent to another",
  code: "not-sent",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    await lab.tell(alice, "hello Bob", bob);
    const tap = new OwnKeysTap();
    room.meddle = tap.meddle;
    const before = alice.key;
    alice.key = null;
    room.begin();
    alice.say(ACCOUNT);
    await lab.until(() => tap.read.length > 0, "the relay reads");
    lab.narrate("Alice's program shook hands again, in the middle of the talk", {
      "the key before": before!,
      "the key now, with the relay": alice.key!,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === ACCOUNT && alice.peerKey !== bob.elgamal.y, "the relay reads");
    return `Alice went on with the relay: it read "${ACCOUNT}"`;
  },

  async parley(lab) {
    const pair = await lab.ownPair();
    const { alice, room } = pair;
    const { sessionId } = alice.facts!;
    const mallory = lab.leg(room, "alice");
    // Saying only "begin again" does nothing.
    room.begin("alice");
    await pair.speak("bob");
    mustReach(alice.facts!.sessionId === sessionId, "the session still stands");
    room.meddle = ({ from, event, payload }) => {
      if (from === "alice") mallory.hear(event, payload);
      return [];
    };
    room.claimLeft("alice");
    await lab.until(() => alice.all("peer-left").length > 0, "Alice hears that Bob has left");
    alice.say(ACCOUNT);
    room.begin("alice");
    await lab.until(
      () => alice.all("not-sent").length > 0 || mallory.texts.length > 0 || alice.failure !== null,
      "Alice's client decides what becomes of the line",
    );
    const kept = alice.all("not-sent").flatMap(({ lines }) => lines);
    lab.narrate("Alice writes while nobody is there, and then the relay is", {
      "Alice was told that Bob vanished": !alice.all("peer-left")[0]!.clean,
      "what waits and is not sent": kept.join(),
      "the relay reads": mallory.texts.join() || "nothing",
    });
    mustNot(mallory.texts.length > 0 || kept.join() !== ACCOUNT, "the line went to the relay");
    return { code: "not-sent", seen: "the line stayed with Alice, and she was told so" };
  },
};

const QUESTION = "are you really Bob?";

const mirror: Meddle = (parcel) => [{ ...parcel, to: parcel.from }];

const handshakeReflection: Attack = {
  name: "handshake-reflection",
  idea:
    "Nobody is there: the relay sends Alice her own keys, and her signature holds, for it is hers.",
  formula: "y_peer = y, g^b = g^a: the secret is g^(a^2), and Alice talks to herself",
  check: "our own identity is no peer",
  defence: "our own identity is no peer's",
  code: "reflection",

  async textbook(lab) {
    const room = lab.room(mirror);
    const alice = await lab.textbook(room, TextbookClient);
    alice.say(QUESTION);
    room.begin("alice");
    await lab.until(() => alice.shown.length > 0, "Alice reads");
    lab.narrate("Alice has verified her own signature", {
      "her key": alice.elgamal.y,
      "what she takes for Bob's": alice.peerKey!,
      "she reads": alice.shown[0]!,
    });
    mustHold(alice.peerKey === alice.elgamal.y && alice.shown[0] === QUESTION, "she reads herself");
    return `Alice read "${QUESTION}" as if Bob had said it; nobody was there`;
  },

  async parley(lab) {
    await lab.control();
    const room = lab.room(mirror);
    const alice = await lab.client(room);
    alice.say(QUESTION);
    room.begin("alice");
    await lab.decision(alice);
    const seen = "Alice ended the session and sent nothing";
    return lab.refusal(alice, "identity-sent", "Alice sees her own hello", seen);
  },
};

const TREASURE = "I found the treasure. Signed: your friend";

const identityMisbinding: Attack = {
  name: "identity-misbinding",
  idea:
    "Mallory signs Alice's share: Bob gives Mallory the credit for what Alice says, unread by Mallory.",
  formula: "Bob gets y_M, g^a, Sign(x_M, g^a): the right secret, the wrong name",
  check: "signature covers both hellos",
  defence: "a share's signature covers both hellos, identities and all",
  code: "bad-signature",

  async textbook(lab) {
    const mallory = generateKey(MODP, systemRandom);
    const { alice, bob } = await lab.textbookPair(TextbookClient, (parcel) => {
      const { from, event, payload } = parcel;
      if (from === "bob") return [parcel];
      if (event === "ELGAMAL_PK_BC") return [{ ...parcel, payload: String(mallory.y) }];
      if (event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const { deff_public_key } = parseJson(String(payload));
      return [{ ...parcel, payload: writeJson(shareFields(deff_public_key, mallory.x)) }];
    });
    await lab.tell(alice, TREASURE, bob);
    lab.narrate("Bob reads Alice, and takes her for Mallory", {
      "Mallory's key": mallory.y,
      "whom Bob talks to": bob.peerKey!,
      "Bob reads": bob.shown[0]!,
    });
    mustHold(bob.peerKey === mallory.y && bob.shown[0] === TREASURE, "Bob reads it as Mallory's");
    mustHold(alice.peerKey === bob.elgamal.y, "Alice knows that she talks to Bob");
    return `Bob thanked Mallory for "${TREASURE}"`;
  },

  async parley(lab) {
    await lab.control();
    const mallory = SigningKey.generate(GROUP, systemRandom);
    const rename = (hello: Uint8Array) =>
      changeHello(hello, () => ({ identity: mallory.publicKey.bytes }));
    const room = lab.room(async (parcel) => {
      if (parcel.from === "bob") return [parcel];
      const { event, payload } = parcel as { event: string; payload: Uint8Array };
      if (event === "ELGAMAL_PK_BC") return [{ ...parcel, payload: rename(payload) }];
      if (event !== "DEFF_HELLMAN_PK_BC") return [parcel];
      const [aliceHello, bobHello] = room.hellos;
      const { signature: _, ...unsigned } = parseShareMessage(payload);
      const share = await signedShare(mallory, rename(aliceHello), bobHello, unsigned);
      return [{ ...parcel, payload: share }];
    });
    const [alice, bob] = await lab.clients(room);
    alice.say(TREASURE);
    await lab.until(
      () => bob.steps.includes("signature-verified") || bob.failure !== null,
      "Bob verifies Mallory's signature on Alice's share",
    );
    mustReach(bob.steps.includes("signature-verified"), "Bob verifies it");
    await lab.decision(alice);
    mustNot(bob.facts !== null, "Bob has a session with Mallory's name");
    const seen = "Alice refused Bob's signature over a hello that she never sent";
    return lab.refusal(
      alice,
      "share-sent",
      "Bob has signed what he saw, a hello with Mallory's key; Alice sent another",
      seen,
    );
  },
};

const unprovedShare: Attack = {
  name: "unproved-share",
  idea: "Mallory signs Bob's share as hers: Alice has a key with Bob, and takes him for Mallory.",
  formula: "Alice gets y_M, g^b, Sign(x_M, g^b): who knows b is not asked",
  check: "both prove that they have it",
  defence: "a confirmation under the session's keys has to come before anything is said",
  code: "bad-confirmation",

  async textbook(lab) {
    const elsewhere = lab.room(undefined, { begins: false });
    const bob = await lab.textbook(elsewhere, TextbookClient);
    const { alice, mallory, room } = await meetTextbookPeer(lab, bob.share);
    await lab.until(() => mallory.key !== null, "Mallory has what she takes for a key");
    const secret = modPow(alice.share, bob.exponent, bob.group.p);
    const text = readWith(room, secret);
    lab.narrate("Alice talks to Mallory, as she thinks; only Bob could read her", {
      "whom Alice takes it for": alice.peerKey!,
      "Mallory's key": mallory.elgamal.y,
      "Alice's secret, with Bob": secret,
      "Bob would read": text,
    });
    mustHold(alice.peerKey === mallory.elgamal.y, "Alice believes that it is Mallory");
    mustHold(text === CONFESSION, "the key is Bob's");
    mustHold(mallory.key!.toHex() !== keyOf(secret).toHex(), "Mallory does not have it");
    return "Alice had a key with Bob and took him for Mallory, who can't read a word";
  },

  parley(lab) {
    const { share } = DiffieHellmanKeyPair.generate(GROUP, systemRandom);
    lab.narrate("Mallory signs a share whose exponent she does not know", { share });
    const tamper = tamperShare(() => ({ share }));
    return meetHostilePeer(lab, { tamper }, "secret-computed");
  },
};

const ERRAND = "it is me. Let the courier in";

const replayHandshake: Attack = {
  name: "replay-handshake",
  idea:
    "Alice is not there: the relay plays Bob a recording of her, and every signature in it is real.",
  formula: "y_A, g^a, Sign(x_A, g^a), E(K, text): nothing in them says when",
  check: "signature covers a fresh nonce",
  defence: "a signature covers the other side's fresh nonce, too",
  code: "bad-signature",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair(TextbookClient);
    await lab.tell(alice, ERRAND, bob);
    bob.shown.length = 0;
    bob.key = null;
    room.meddle = () => [];
    room.begin("bob");
    for (const event of ["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC", "received_message"]) {
      room.deliver("bob", event, room.sentTexts("alice", event)[0]);
    }
    await lab.until(() => bob.shown.length > 0, "Bob reads again");
    lab.narrate("the relay plays Alice's messages again, to Bob alone", {
      "Bob reads": bob.shown[0]!,
    });
    mustHold(
      bob.peerKey === alice.elgamal.y && bob.shown[0] === ERRAND,
      "Bob reads the recording",
    );
    return `Bob shook hands with a recording and read "${ERRAND}"`;
  },

  async parley(lab) {
    const identity = SigningKey.generate(GROUP, systemRandom);
    const first = lab.room();
    const [alice, bob] = [await lab.client(first), await lab.client(first, { identity })];
    alice.say(ERRAND);
    await lab.until(() => bob.texts.length > 0 || bob.failure !== null, "Bob reads");
    const second = lab.room();
    const again = await lab.client(second, { identity });
    second.meddle = () => [];
    second.begin("alice");
    for (const event of ["ELGAMAL_PK_BC", "DEFF_HELLMAN_PK_BC", "SECURE_BC", "received_message"]) {
      second.deliver("alice", event, first.sent("alice", event)[0]);
    }
    await lab.decision(again);
    const seen = "Bob refused a signature that was made for another hello";
    return lab.refusal(again, "share-sent", "Bob, with the same key, hears the recording", seen);
  },
};

export const IDENTITIES: readonly Attack[] = [
  manInTheMiddle,
  shortFingerprint,
  keySubstitution,
  forgedReset,
  handshakeReflection,
  identityMisbinding,
  unprovedShare,
  replayHandshake,
];

import { systemRandom } from "../../lib/crypto/random.ts";
import { DiffieHellmanKeyPair } from "../../lib/crypto/diffie_hellman.ts";
import { KEM_CIPHERTEXT_BYTES, mlKem768 } from "../../lib/crypto/kem.ts";
import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { encodeHello, GROUP, NONCE_BYTES } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustNot } from "../attack.ts";
import { signedShare } from "../forge/messages.ts";
import { keyOf, unseal } from "../textbook/cipher.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, drawNonce, generateKey, sign } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { writeJson } from "../textbook/json.ts";

const LINE = "now that we are alone: the password is swordfish";

/** Keys that come once more, when all is agreed. */
export const keySubstitution: Attack = {
  name: "key-substitution",
  family: "authentication",
  idea:
    "The relay lets the handshake pass, and later sends Alice new keys, its own, as if Bob had.",
  formula: "after g^ab: y', g^c, Sign(x', g^c); Alice goes on under g^ac",
  check: "each handshake message once",
  defence: "each handshake message has its place, once",
  code: "unexpected",
  answer: "refused",

  async textbook(lab) {
    const { alice, bob, room } = await lab.textbookPair((port) => new TextbookClient(port));
    const before = alice.key!;
    room.meddle = () => [];
    const own = generateKey(MODP, systemRandom);
    const share = modPow(MODP.g, own.x, MODP.p);
    const { r, s } = sign(MODP, own.x, digest(String(share)), drawNonce(MODP, systemRandom));
    room.deliver("alice", "ELGAMAL_PK_BC", String(own.y));
    const forged = writeJson({ deff_public_key: share, s1: r, s2: s });
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", forged);
    await lab.until(() => alice.key !== before, "Alice takes the new key");
    alice.say(LINE);
    await lab.until(() => room.sentTexts("alice", "received_message").length > 0, "Alice speaks");
    const key = keyOf(modPow(alice.share, own.x, MODP.p));
    const text = unseal(key, JSON.parse(room.sentTexts("alice", "received_message")[0]!));
    lab.narrate("Alice's program took the second handshake for the first", {
      "Bob's key": bob.elgamal.y,
      "what Alice now takes for it": alice.peerKey!,
      "the relay reads": text,
    });
    mustHold(text === LINE && bob.shown.length === 0, "the relay reads, and Bob hears nothing");
    return `Alice spoke to the relay: "${text}"`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, room } = pair;
      const { role, transcript } = alice.facts!;
      const aliceHello = role === "low" ? transcript.helloLow : transcript.helloHigh;
      const identity = SigningKey.generate(GROUP, systemRandom);
      const { publicKey: kemKey } = await mlKem768.generate();
      const hello = encodeHello({
        deniable: false,
        invite: false,
        nonce: systemRandom(NONCE_BYTES),
        identity: identity.publicKey.bytes,
        kemKey,
      });
      const share = await signedShare(identity, hello, aliceHello, {
        share: DiffieHellmanKeyPair.generate(GROUP, systemRandom).share,
        ratchetKey: DiffieHellmanKeyPair.generate(GROUP, systemRandom).share,
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

import { SigningKey } from "../../lib/crypto/elgamal.ts";
import { modPow } from "../../lib/crypto/modular.ts";
import { randomNonZeroBelow, systemRandom } from "../../lib/crypto/random.ts";
import { encodeShare, GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import { type Attack, mustHold, mustReach } from "../attack.ts";
import { exchangeMessage, STATEMENT_CONTEXT } from "../forge/messages.ts";
import type { Tamper } from "../harness/party.ts";
import { meetHostilePeer } from "../plays/hostile_peer.ts";
import { readWith } from "../plays/textbook_share.ts";
import { TextbookClient } from "../textbook/client.ts";
import { MODP } from "../textbook/group.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

const LINE = "Alice, it is me, Bob";

/** A signature of one purpose, used for another. */
export const crossContextSignature: Attack = {
  name: "cross-context-signature",
  family: "signatures",
  idea:
    "Alice signs a chat line, a long number that Mallory asked her to repeat: it is Mallory's share.",
  formula: "Sign(x, SHA-1(text)) = Sign(x, SHA-1(share)) where the text is the share in decimal",
  check: "the purpose is hashed, too",
  defence: "the purpose is part of what is hashed",
  code: "bad-signature",
  answer: "refused",

  async textbook(lab) {
    const exponent = randomNonZeroBelow(MODP.p - 1n, systemRandom);
    const share = modPow(MODP.g, exponent, MODP.p);
    // Alice meets Mallory first, who asks her to repeat a number.
    const earlier = lab.room();
    const alice = await lab.textbook(earlier, (port) => new SignedClient(port));
    await lab.textbook(earlier, (port) => new SignedClient(port));
    alice.say(String(share));
    await lab.until(() => earlier.sentTexts("alice", "received_message").length > 0, "she does");
    const { s1, s2 } = parseJson(earlier.sentTexts("alice", "received_message")[0]!);
    lab.narrate("Alice repeats a number for Mallory, and her program signs it", {
      "the number, Mallory's share": share,
      r: s1,
      s: s2,
    });
    // Then Bob is told that Alice is here: her key, Mallory's share, her signature.
    const room = lab.room();
    const bob = await lab.textbook(room, (port) => new TextbookClient(port));
    room.begin("alice");
    room.deliver("alice", "ELGAMAL_PK_BC", String(alice.elgamal.y));
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", writeJson({ deff_public_key: share, s1, s2 }));
    await lab.until(() => bob.key !== null || bob.refused.length > 0, "Bob decides");
    bob.say(LINE);
    await lab.until(() => room.sentTexts("alice", "received_message").length > 0, "Bob speaks");
    const text = readWith(room, modPow(bob.share, exponent, MODP.p));
    lab.narrate("Bob verifies it as the signature on a share", { "Mallory reads": text });
    mustHold(bob.peerKey === alice.elgamal.y && text === LINE, "Bob talks to Mallory as to Alice");
    return `Bob took Mallory for Alice: "${LINE}"`;
  },

  async parley(lab) {
    const alice = SigningKey.generate(GROUP, systemRandom);
    const tamper: Tamper = async (event, payload, { session }) => {
      if (event !== "DEFF_HELLMAN_PK") return payload;
      const share = parseShareMessage(payload);
      const { own, received } = session.handshake!;
      const message = await exchangeMessage(own.helloBytes, received.hello!, share);
      const signature = await alice.sign(STATEMENT_CONTEXT, message, systemRandom);
      const isReal = await alice.publicKey.verify(STATEMENT_CONTEXT, message, signature);
      mustReach(isReal, "the signature is Alice's, over these very bytes");
      lab.narrate("Alice's own signature over these very bytes, made as one on a statement", {
        signature,
      });
      return encodeShare({ ...share, signature });
    };
    return await meetHostilePeer(lab, { tamper, identity: alice }, "share-sent");
  },
};

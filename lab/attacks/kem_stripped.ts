import { KEM_KEY_BYTES } from "../../lib/crypto/kem.ts";
import type { Attack } from "../attack.ts";
import { changeHello } from "../forge/messages.ts";
import { readWithoutKem } from "../plays/stripped_kem.ts";
import { swapHello } from "../plays/swap_hello.ts";

/** A hello without its ML-KEM key. */
export const kemStripped: Attack = {
  name: "kem-stripped",
  family: "downgrades and versions",
  idea:
    "The relay deletes the ML-KEM keys, and a program that treats them as optional goes on without.",
  formula: "no key, no ciphertext: K = H(g^ab). Zeros in its place encode a key that hides nothing",
  check: "signature covers both hellos",
  defence: "the signature covers the hello that the other side received",
  code: "bad-signature",
  answer: "refused",

  textbook: (lab) => readWithoutKem(lab, ({ kemKey: _, ...hello }) => hello),

  parley(lab) {
    lab.narrate("the relay writes zeros over Alice's ML-KEM key: a valid key with no secret in it");
    const kemKey = new Uint8Array(KEM_KEY_BYTES);
    return swapHello(lab, (hello) => changeHello(hello, () => ({ kemKey })), "share-sent");
  },
};

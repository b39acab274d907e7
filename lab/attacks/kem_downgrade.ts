import type { Attack } from "../attack.ts";
import { swapHello } from "../plays/swap_hello.ts";
import { readWithoutKem } from "../plays/stripped_kem.ts";

/** An ML-KEM-512 key has this many bytes (FIPS 203, table 3). */
const SMALLER_KEY_BYTES = 800;
const KEM_KEY_OFFSET = 426;

/** A smaller ML-KEM, or none. */
export const kemDowngrade: Attack = {
  name: "kem-downgrade",
  family: "downgrades and versions",
  idea:
    "The relay crosses ML-KEM out of both lists of what is supported: only Diffie-Hellman is left.",
  formula: "[ML-KEM-768, none] -> [none]: K = H(g^ab), and nothing else",
  check: "a hello has one length",
  defence: "the suite names ML-KEM-768, and a hello has one length",
  code: "malformed",
  answer: "refused",

  textbook: (lab) => readWithoutKem(lab, (hello) => ({ ...hello, kems: ["none"] })),

  parley(lab) {
    lab.narrate("the relay shortens Alice's ML-KEM-768 key to the length of an ML-KEM-512 key");
    const length = KEM_KEY_OFFSET + SMALLER_KEY_BYTES;
    return swapHello(lab, (hello) => hello.slice(0, length), "identity-sent");
  },
};

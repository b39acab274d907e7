/**
 * A textbook client whose nonces are badly chosen, and what its peer makes of two of its signatures.
 *
 * @module
 */
import { modPow } from "../../lib/crypto/modular.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import type { Lab } from "../harness/lab.ts";
import type { Equation } from "../math/nonces.ts";
import { digest, drawNonce, sign, verify } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { parseJson } from "../textbook/json.ts";
import { SignedClient } from "../textbook/signed_client.ts";

/** The order of g: textbook signatures are equations modulo this, too. */
export const TEXTBOOK_ORDER = (MODP.p - 1n) / 2n;

const LINE = "good morning";

/** Alice, whose nonces come from `nonce`, shakes hands with a peer and says a line. */
export async function textbookSignatures(
  lab: Lab,
  nonce: () => bigint,
): Promise<{ alice: SignedClient; share: Equation; line: Equation }> {
  const room = lab.room();
  const alice = await lab.textbook(room, (port) => new SignedClient(port, { nonce }));
  await lab.textbook(room, (port) => new SignedClient(port));
  alice.say(LINE);
  await lab.until(() => room.sentTexts("alice", "received_message").length > 0, "Alice speaks");
  const share = parseJson(room.sentTexts("alice", "DEFF_HELLMAN_PK_BC")[0]!);
  const line = parseJson(room.sentTexts("alice", "received_message")[0]!);
  return {
    alice,
    share: { m: digest(String(share.deff_public_key)), r: share.s1, s: share.s2 },
    line: { m: digest(LINE), r: line.s1, s: line.s2 },
  };
}

/** Whether x is the private key of y as far as anybody can tell: it signs, and the signature verifies. */
export function signsAs(y: bigint, x: bigint, text: string): boolean {
  if (modPow(MODP.g, x, MODP.p) !== y) return false;
  const m = digest(text);
  return verify(MODP, y, m, sign(MODP, x, m, drawNonce(MODP, systemRandom)));
}

import { modPow } from "../../lib/crypto/modular.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { TextbookClient } from "../textbook/client.ts";
import { digest, drawNonce, sign } from "../textbook/elgamal.ts";
import { MODP } from "../textbook/group.ts";
import { writeJson } from "../textbook/json.ts";
import { asFields } from "../textbook/tap.ts";

const DIGITS = 300_000;
const HUGE_BYTES = 2 * 1024 * 1024;
const ROOM = "r";

/** A payload far beyond any honest one. */
export const oversizedJson: Attack = {
  name: "oversized-json",
  family: "implementation flaws",
  idea:
    "A share of 300,000 digits, properly signed: the victim parses, hashes and reduces all of it.",
  formula: "600 digits are honest; parsing n digits costs more than n steps, and nobody counts",
  check: "limits, and fixed lengths",
  defence: "the relay has a limit; each handshake message has one length",
  code: "payload-too-large",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room(undefined, { begins: false });
    const alice = await lab.textbook(room, (port) => new TextbookClient(port));
    const share = BigInt("7".repeat(DIGITS));
    const y = modPow(MODP.g, 1n, MODP.p);
    const signature = sign(MODP, 1n, digest(String(share)), drawNonce(MODP, systemRandom));
    const payload = writeJson({ deff_public_key: share, ...asFields(signature) });
    room.deliver("alice", "ELGAMAL_PK_BC", String(y));
    const start = performance.now();
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", payload);
    await lab.until(() => alice.key !== null || alice.refused.length > 0, "Alice decides");
    const took = Math.round(performance.now() - start);
    lab.narrate("Alice's program took it", {
      "bytes of the share": payload.length,
      "milliseconds": took,
      "what she takes for a share": alice.peerShare!,
    });
    mustHold(alice.peerShare === share, "she took all of it");
    return `Alice worked through a share of ${DIGITS} digits (${payload.length} bytes)`;
  },

  async parley(lab) {
    const url = await lab.honestRelay();
    const alice = await lab.clientAt(url, ROOM);
    const errors: string[] = [];
    const mallory = await lab.peerAt(url, ROOM);
    await lab.until(() => alice.facts !== null || alice.failure !== null, "they meet");
    mustReach(alice.failure === null, "an honest handshake at parley's own relay");
    mallory.overhear = (event, payload) => {
      if (event === RELAY_ERROR) errors.push((payload as { code: string }).code);
    };
    mallory.emit("message", new Uint8Array(HUGE_BYTES));
    await lab.until(() => errors.length > 0 || alice.refusals.length > 0, "somebody refuses");
    mallory.say("still here");
    await lab.until(() => alice.texts.length > 0 || alice.failure !== null, "Alice reads on");
    lab.narrate("2 MiB through parley's own relay", {
      "Mallory is told": errors.join(),
      "what Alice got of it": alice.refusals.length,
    });
    mustNot(alice.refusals.length > 0 || errors.length === 0, "the relay handed it on");
    return { code: errors[0]!, seen: "the relay told Mallory; nothing of it came to Alice" };
  },
};

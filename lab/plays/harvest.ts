/**
 * A peer who collects signatures: all that a real client signs in one session, with the numbers that were signed.
 *
 * @module
 */
import type { Random } from "../../lib/crypto/random.ts";
import { challenge } from "../../lib/crypto/elgamal.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { hashStatement } from "../../lib/protocol/statement.ts";
import { GROUP, parseShareMessage } from "../../lib/protocol/wire.ts";
import { mustReach } from "../attack.ts";
import { decodeSignature } from "../forge/elgamal.ts";
import { EXCHANGE_CONTEXT, exchangeMessage, STATEMENT_CONTEXT } from "../forge/messages.ts";
import type { Lab } from "../harness/lab.ts";
import type { Equation } from "../math/nonces.ts";

/** A public key, and what its owner has signed. */
export interface Harvest {
  /** The victim's public key. */
  readonly y: bigint;
  /** The signature on its share. */
  readonly share: Equation;
  /** The signature on a line that it said. */
  readonly line: Equation;
}

/** The victim's randomness: as it should be, or a generator that has failed and says the same for ever. */
const SOURCES: Readonly<Record<"good" | "stuck", Random>> = {
  good: systemRandom,
  stuck: (length) => new Uint8Array(length).fill(0x42),
};

/** Meets a real client and collects its signatures; once for each source. */
export function harvest(lab: Lab, source: keyof typeof SOURCES): Promise<Harvest> {
  return lab.once(`harvest ${source}`, async () => {
    const { peer, secure } = await meet(lab, SOURCES[source]);
    await lab.until(() => peer.texts.length > 0, "the peer reads");
    const said = peer.effects.find((effect) => effect.type === "message")!;
    const { peerIdentity, transcript, sessionId } = secure;
    const { helloLow: victimHello, helloHigh: peerHello, shareLow: shareBytes } = transcript;
    const share = parseShareMessage(shareBytes);
    const equation = async (context: string, message: Uint8Array, bytes: Uint8Array) => {
      const { r, s } = decodeSignature(bytes);
      return { m: await challenge(GROUP, context, peerIdentity.y, r, message), r, s };
    };
    const { statement } = said;
    return {
      y: peerIdentity.y,
      share: await equation(
        EXCHANGE_CONTEXT,
        await exchangeMessage(victimHello, peerHello, share),
        share.signature,
      ),
      line: await equation(
        STATEMENT_CONTEXT,
        // It is the first that anybody has said, so it answers nothing but the handshake.
        await hashStatement(sessionId, peerIdentity, statement, sessionId),
        statement.signature!,
      ),
    };
  });
}

/**
 * A peer meets the victim, who is the side "low": "high" replaces its ratchet key before it says anything, and a
 * generator that is stuck has no other, so that nobody could read what it says.
 */
async function meet(lab: Lab, random: Random) {
  for (;;) {
    const room = lab.room();
    const victim = await lab.client(room, { random });
    victim.say("a line that is signed");
    const peer = await lab.peer(room);
    await lab.until(() => peer.secure || victim.failure !== null, "the two meet");
    mustReach(victim.failure === null, "the two meet");
    const secure = peer.effects.find((effect) => effect.type === "secure")!;
    if (secure.role === "high") return { peer, secure };
    await victim.close();
  }
}

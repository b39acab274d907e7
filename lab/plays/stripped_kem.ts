/**
 * A textbook hybrid out of which the relay has taken one half, and a reader for whom the other half is no obstacle.
 *
 * @module
 */
import { modPow } from "../../lib/crypto/modular.ts";
import { mustHold } from "../attack.ts";
import type { Lab } from "../harness/lab.ts";
import type { Room } from "../harness/room.ts";
import { shortLog } from "../math/discrete_log.ts";
import { TOY, TOY_ORDER } from "../textbook/group.ts";
import { HybridClient } from "../textbook/hybrid_client.ts";
import { type Json, parseJson, writeJson } from "../textbook/json.ts";
import { readWith } from "./textbook_share.ts";

const LINE = "this must stay secret for thirty years";

/** What an eavesdropper reads, years later, who can take logarithms and has nothing but the recording. */
function readLater(lab: Lab, room: Room): string {
  const shares = (["alice", "bob"] as const).map((seat) =>
    parseJson(room.sentTexts(seat, "DEFF_HELLMAN_PK_BC")[0]!).deff_public_key as bigint
  );
  const exponent = shortLog(TOY, shares[0]!, TOY_ORDER)!;
  const secret = modPow(shares[1]!, exponent, TOY.p);
  const text = readWith(room, secret);
  lab.narrate("whoever takes logarithms has the Diffie-Hellman secret", {
    "g^a": shares[0]!,
    a: exponent,
    "g^ab": secret,
    "read with it": JSON.stringify(text),
  });
  return text;
}

async function talk(lab: Lab, change: (hello: Json) => Json): Promise<string> {
  const { alice, bob, room } = await lab.textbookPair(
    (port) => new HybridClient(port),
    (parcel) => {
      if (parcel.event !== "ELGAMAL_PK_BC") return [parcel];
      return [{ ...parcel, payload: writeJson(change(parseJson(String(parcel.payload)))) }];
    },
  );
  alice.say(LINE);
  await lab.until(() => bob.shown.length > 0, "Bob reads");
  mustHold(bob.shown[0] === LINE, "Bob reads what Alice said");
  return readLater(lab, room);
}

/**
 * Plays it, and once with ML-KEM in place: then the recording stays closed.
 *
 * @param change what the relay does to both hellos
 */
export async function readWithoutKem(lab: Lab, change: (hello: Json) => Json): Promise<string> {
  lab.narrate("with ML-KEM in place:");
  mustHold(await talk(lab, (hello) => hello) !== LINE, "with ML-KEM nothing is read");
  lab.narrate("with the hellos changed by the relay:");
  mustHold(await talk(lab, change) === LINE, "without it everything is");
  return `whoever breaks Diffie-Hellman read "${LINE}"`;
}

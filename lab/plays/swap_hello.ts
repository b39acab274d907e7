/**
 * The play of a relay that rewrites Alice's hello on its way to Bob, and leaves all else alone.
 *
 * @module
 */
import type { Step } from "../../lib/protocol/session.ts";
import { mustHaveTaken, mustNot, type Refusal } from "../attack.ts";
import type { Lab } from "../harness/lab.ts";

/**
 * Plays it.
 *
 * @param change what Bob gets instead
 * @param step how far Bob has to have come when he refuses
 */
export async function swapHello(
  lab: Lab,
  change: (hello: Uint8Array) => Uint8Array | string,
  step: Step,
): Promise<Refusal> {
  await lab.control();
  const room = lab.room((parcel) => {
    if (parcel.from !== "alice" || parcel.event !== "ELGAMAL_PK_BC") return [parcel];
    const payload = change(parcel.payload as Uint8Array);
    lab.narrate("on its way to Bob", {
      "Alice's hello": parcel.payload as Uint8Array,
      becomes: payload,
    });
    return [{ ...parcel, payload }];
  });
  const [alice, bob] = [await lab.client(room), await lab.client(room)];
  alice.say("a line that waits for a key");
  bob.say("another");
  await lab.until(() => bob.failure !== null || bob.facts !== null, "Bob decides");
  mustNot(bob.failure === null || alice.facts !== null, "the two went on");
  mustHaveTaken(bob, step);
  lab.narrate("Bob ends the session", { error: bob.failure!.message });
  return { code: bob.failure!.code, seen: "Bob ended the session, and neither sent anything" };
}

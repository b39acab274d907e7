import { assert, assertEquals } from "@std/assert";
import { VerifyingKey } from "../../../lib/crypto/elgamal.ts";
import { advance } from "../../../lib/protocol/session.ts";
import { canonical } from "./canonical.ts";
import { ACTS, type LocalState, receiving } from "./local_state.ts";
import { processOf } from "./process.ts";
import { rememberCryptography } from "./remembered_cryptography.ts";
import { World } from "./world.ts";

/** Everything that becomes of two who shake hands and say something each, in one text. */
async function conversation(): Promise<string> {
  const process = (name: string, peer: string) => processOf(name, { expects: [peer], texts: 1 });
  const processes = [process("alice", "bob"), process("bob", "alice")];
  const world = await World.of(processes, advance);
  const locals: LocalState[] = world.graphs.map((graph) => graph.at(0));
  const step = async (i: number, input: number) => {
    locals[i] = await world.step(i, locals[i]!, input);
  };
  for (const i of [0, 1]) await step(i, ACTS.start);
  const received = [0, 0];
  for (let round = 0; round < 5; round++) {
    for (const i of [0, 1]) {
      const number = locals[1 - i]!.history.sent[received[i]!++];
      if (number !== undefined) await step(i, receiving(number));
      if (round === 2) await step(i, ACTS.script);
    }
  }
  assert(locals.every(({ history }) => history.shown.length === 1), "both were shown a text");
  return canonical(locals.map(({ session, history }) => [session, history]));
}

Deno.test("rememberCryptography() changes no byte of a conversation", async () => {
  const { verify } = VerifyingKey.prototype;
  const plain = await conversation();
  {
    using _ = rememberCryptography();
    assert(VerifyingKey.prototype.verify !== verify);
    // The first time the lengths of draws are learned, the second time results, the third they are used.
    for (let time = 0; time < 3; time++) assertEquals(await conversation(), plain);
  }
  assert(VerifyingKey.prototype.verify === verify, "everything is as it was");
});

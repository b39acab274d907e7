/**
 * The rows about forged envelopes: what one costs its receiver, and how long many hold an honest line up.
 *
 * @module
 */
import { EventStream, openConversation, relayLink, startRelay } from "../lib/mod.ts";
import { makeSeat } from "../lib/conversation/seat.ts";
import { systemRandom } from "../lib/crypto/mod.ts";
import { GROUP } from "../lib/protocol/wire.ts";
import { SessionPair } from "../tests/helpers/session_pair.ts";
import { type Measured, median, milliseconds } from "./measure.ts";

/** Places of a flipped bit, spread over the envelope. */
const PLACES = 24;

/** A copy with one bit flipped, at a share of its length; never in the mark of suite and type. */
function flipped(bytes: Uint8Array, share: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy[9 + Math.floor(share * (bytes.length - 9))]! ^= 1;
  return copy;
}

/** The dearest of the forms: a bit flipped anywhere, in a chain that goes on and in one that begins. */
export async function measureForgery(quick: boolean): Promise<Measured> {
  const pair = SessionPair.of({}, "forged", GROUP);
  await pair.meet();
  const costs: number[] = [];
  for (const from of ["alice", "bob", "alice", "alice"] as const) {
    await pair.say(from, "an honest line");
    const parcel = pair.inbound[from === "alice" ? "bob" : "alice"].at(-1)!;
    for (let place = 0; place < PLACES; place++) {
      const payload = flipped(parcel.payload as Uint8Array, place / PLACES);
      const input = { type: "receive", event: parcel.event, payload } as const;
      const times = [];
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        const { sessions, environments } = pair;
        times.push(
          await milliseconds(() =>
            pair.advance(sessions[parcel.to], input, environments[parcel.to])
          ),
        );
      }
      costs.push(median(times));
    }
    await pair.settle();
  }
  const notes = [`the median form: ${median(costs).toFixed(2)} ms`];
  return { ours: Math.max(...costs), peer: null, ratio: null, unit: "ms", notes };
}

/** How long to wait for the honest line, in milliseconds. */
const PATIENCE = 60_000;

/** Seconds by which a flood of forged envelopes delays the honest line behind it. */
export async function measureFlood(quick: boolean): Promise<Measured> {
  const count = quick ? 300 : 10_000;
  const relay = await startRelay({ port: 0 });
  const address = { server: relay.url, room: "bench" };
  const said = {
    first: Promise.withResolvers<void>(),
    answer: Promise.withResolvers<void>(),
    last: Promise.withResolvers<void>(),
  };
  const events = new EventStream();
  events.subscribe((event) => {
    if (event.type === "message") said[event.text as keyof typeof said].resolve();
  });
  let attacks = false;
  // The relay as an attacker: before the first envelope of alice's new chain it sends altered copies of that.
  const connect = await relayLink(address, makeSeat(systemRandom));
  const attacked: typeof connect = (onInput) =>
    connect((input) => {
      if (attacks && input.type === "received" && input.event === "received_message") {
        attacks = false;
        const honest = new Uint8Array(input.payload as ArrayBuffer);
        for (let i = 0; i < count; i++) onInput({ ...input, payload: flipped(honest, i / count) });
      }
      onInput(input);
    });
  const alice = await openConversation({ ...address, events });
  const bob = await openConversation({ ...address, events, connect: attacked });
  alice.connect();
  bob.connect();
  alice.say("first");
  await said.first.promise;
  attacks = true;
  bob.say("answer");
  await said.answer.promise;
  let late: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => late = setTimeout(resolve, PATIENCE));
  const took = await milliseconds(() => {
    alice.say("last");
    return Promise.race([said.last.promise, patience]);
  });
  clearTimeout(late);
  const notes = [`${count} forged envelopes`];
  if (took >= PATIENCE) notes.push("given up: the line had not come");
  await Promise.all([alice.close(), bob.close()]);
  await relay.close();
  return { ours: took / 1000, peer: null, ratio: null, unit: "s", notes };
}

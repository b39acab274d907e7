/**
 * Every order in which the inputs of a handshake can come. What a side sends does not depend on the order, so
 * one recording of each message serves them all, and a state that two orders share is computed once.
 */
import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import type { Bytes } from "../../lib/crypto/bytes.ts";
import { lastHead } from "../../lib/protocol/heads.ts";
import type { SessionInput } from "../../lib/protocol/session.ts";
import { type PeerEvent, RELAYED } from "../../lib/relay/wire_events.ts";
import {
  effectsOf,
  emitted,
  type Name,
  NAMES,
  optionsOf,
  otherThan,
  SMALL_GROUP,
} from "../helpers/session_pair.ts";
import { permutations } from "../helpers/mutants.ts";
import { newResume } from "../../lib/protocol/signal.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { arrivalOf, KINDS, Moment, recordedHandshake, secureFacts } from "./recording.ts";

heavyTest(
  "advance() reaches the same session in all 24 orders of start and the peer's three messages",
  async () => {
    const recording = await recordedHandshake(undefined, {}, SMALL_GROUP);
    for (const name of NAMES) {
      const side = recording[name];
      const { sent: peer } = recording[otherThan(name)];
      const orders = permutations(["start", ...KINDS] as const);
      assertEquals(orders.length, 24);
      for (const order of orders) {
        let moment = side.waiting;
        const effects = [];
        for (const step of order) {
          const input: SessionInput = step === "start"
            ? { type: step }
            : arrivalOf(step, peer[step]);
          moment = await moment.keep(step, input);
          effects.push(...moment.effects);
        }
        assertEquals(moment.session.phase, "secure", order.join(", "));
        assertEquals(emitted(effects), KINDS.map((kind) => side.sent[kind]), order.join(", "));
        assertEquals(secureFacts(effects), secureFacts(side.secure.effects), order.join(", "));
      }
    }
  },
);

/** Where a world of two stands: what has happened to each side, and what each has received. */
interface World {
  readonly moments: Readonly<Record<Name, Moment>>;
  readonly started: Readonly<Record<Name, boolean>>;
  /** What each has sent so far, in order. */
  readonly sent: Readonly<Record<Name, readonly Sent[]>>;
  /** How much each has received. */
  readonly received: Readonly<Record<Name, number>>;
}

interface Sent {
  readonly event: PeerEvent;
  readonly payload: Bytes;
}

/** The next worlds: either side's start, or the next message of either direction, first in, first out. */
async function nextWorlds(world: World): Promise<World[]> {
  const next: World[] = [];
  for (const name of NAMES) {
    if (!world.started[name]) {
      const started = { ...world.started, [name]: true };
      next.push({ ...await step(world, name, "start", { type: "start" }), started });
    }
    const count = world.received[name];
    const parcel = world.sent[otherThan(name)][count];
    if (parcel !== undefined) {
      const { event, payload } = parcel;
      const received = { ...world.received, [name]: count + 1 };
      // A side's future depends on what it has received: the bytes name the input.
      const key = `${event} ${payload.toHex()}`;
      next.push({ ...await step(world, name, key, { type: "receive", event, payload }), received });
    }
  }
  return next;
}

/** The world after an input of one side, which says something as soon as it is secure. */
async function step(
  world: World,
  name: Name,
  key: string,
  input: SessionInput,
): Promise<World> {
  let moment = await world.moments[name].keep(key, input);
  const effects = [...moment.effects];
  if (moment.session.phase === "secure" && world.moments[name].session.phase !== "secure") {
    moment = await moment.keep("say", {
      type: "send",
      items: [
        newResume(seededRandom(name)),
        { type: "text", text: `${name} first!`, time: 0, seen: 0 },
      ],
    });
    effects.push(...moment.effects);
  }
  const sent = effectsOf(effects, "emit").map(({ event, payload }): Sent => ({
    event: RELAYED[event],
    payload,
  }));
  return {
    ...world,
    moments: { ...world.moments, [name]: moment },
    sent: { ...world.sent, [name]: [...world.sent[name], ...sent] },
  };
}

const numbers = new Map<Moment, number>();

/** The same text for two worlds that are the same. */
function nameOf(world: World): string {
  return NAMES.map((name) => {
    const moment = world.moments[name];
    if (!numbers.has(moment)) numbers.set(moment, numbers.size);
    return [numbers.get(moment), world.started[name], world.received[name]].join();
  }).join();
}

heavyTest(
  "advance() reaches the same session in every order of two starts and two queues",
  async () => {
    const first: World = {
      moments: {
        alice: Moment.first("orders alice", optionsOf("alice")),
        bob: Moment.first("orders bob", optionsOf("bob")),
      },
      started: { alice: false, bob: false },
      sent: { alice: [], bob: [] },
      received: { alice: 0, bob: 0 },
    };
    // Breadth first: worlds that several schedules reach are kept once, with the number of those schedules.
    let front = new Map([[nameOf(first), { world: first, schedules: 1 }]]);
    let ends: { world: World; schedules: number }[] = [];
    let worlds = 0;
    while (front.size > 0) {
      const next: typeof front = new Map();
      for (const entry of front.values()) {
        worlds++;
        const following = await nextWorlds(entry.world);
        if (following.length === 0) ends = [...ends, entry];
        for (const world of following) {
          const name = nameOf(world);
          const schedules = entry.schedules + (next.get(name)?.schedules ?? 0);
          next.set(name, { world, schedules });
        }
      }
      front = next;
    }
    const schedules = ends.reduce((sum, end) => sum + end.schedules, 0);
    assertEquals({ worlds, ends: ends.length, schedules }, { worlds: 90, ends: 9, schedules: 160 });

    const transcripts = new Set<string>();
    for (const { world: { moments, sent, received } } of ends) {
      assertEquals(received, { alice: 4, bob: 4 });
      for (const name of NAMES) {
        assertEquals(moments[name].session.phase, "secure");
        const [own, peer] = [moments[name], moments[otherThan(name)]].map(({ session }) =>
          session.channel!
        );
        assertEquals(own!.sessionId, peer!.sessionId);
        assertEquals(own!.peer.next, 1);
        assertEquals(lastHead(own!.peerHeads), lastHead(peer!.ownHeads));
        assert(sent[name].length === 4);
      }
      transcripts.add(NAMES.flatMap((name) => sent[name].map((s) => s.payload.toHex())).join(" "));
    }
    assertEquals(transcripts.size, 1, "what is sent does not depend on the order");
  },
);

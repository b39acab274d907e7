/**
 * The stub that simulations talk through, held against the real session: the same inputs, the same effects.
 */
import { heavyTest } from "../../helpers/permissions.ts";
import { eventToJson } from "../../../lib/conversation/events.ts";
import { assert, assertEquals } from "@std/assert";
import { fromUtf8, toHex } from "../../../lib/crypto/bytes.ts";
import { mlKem768 } from "../../../lib/crypto/kem.ts";
import {
  advance,
  isSettled,
  newSession,
  type OwnItem,
  type Session,
  type SessionEffect,
  type SessionInput,
} from "../../../lib/protocol/session.ts";
import {
  type Name,
  NAMES,
  optionsOf,
  SessionPair,
  SMALL_GROUP,
} from "../../helpers/session_pair.ts";
import { Dice, flipBit } from "../../helpers/mutants.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { FakeRelay, type Seat } from "../../conversation/fake_relay.ts";
import { stubAdvance } from "./stub_session.ts";

function pairOf(take: typeof advance): SessionPair {
  const pair = SessionPair.of({}, "stub", SMALL_GROUP);
  pair.advance = take;
  return pair;
}

/** Gives one side an input. Returns what has to be the same of where it stands then, and of the effects. */
async function give(pair: SessionPair, name: Name, input: SessionInput): Promise<unknown[]> {
  const effects = await pair.input(name, input);
  const session = pair.sessions[name];
  return [session.phase, isSettled(session), ...effects.map(gist)];
}

/** What of an effect has to be the same. */
function gist(effect: SessionEffect): unknown {
  switch (effect.type) {
    case "emit":
      return ["emit", effect.event];
    case "secure":
      return ["secure", effect.peerName, toHex(effect.peerIdentity.bytes), effect.invited];
    case "refused":
    case "failed":
      return [effect.type, effect.error.code];
    case "said":
    case "message": {
      const { sequence, seen, kind } = effect.statement;
      const signed = effect.type === "message" ? effect.signed : null;
      return [effect.type, fromUtf8(effect.statement.body), sequence, seen, kind, signed];
    }
    case "offered":
      return ["offered", effect.offer.name, effect.signed];
    case "peer-finished":
      return ["peer-finished", effect.statement.sequence];
    case "signal":
      return Object.values(effect.signal).map((value) =>
        value instanceof Uint8Array ? toHex(value) : value
      );
    default:
      return effect;
  }
}

/** One move of one side. `at` is a place among what is on the way to it. */
type Move =
  | { readonly type: "input"; readonly input: SessionInput }
  | { readonly type: "deliver" | "drop" | "damage" | "repeat"; readonly at: number };

function drawMove(dice: Dice, { sessions, inbound }: SessionPair, name: Name, round: number): Move {
  const isSecure = sessions[name].phase === "secure";
  const waiting = inbound[name].length;
  if (waiting > 0 && dice.below(3) > 0) {
    // In the handshake the network only disorders: what it spoils there ends it, on one of many ways.
    const fate = isSecure ? dice.below(40) : 40;
    const at = dice.below(4) === 0 ? dice.below(waiting) : 0;
    const type = fate === 0 ? "drop" : fate === 1 ? "damage" : fate === 2 ? "repeat" : "deliver";
    return { type, at };
  }
  return { type: "input", input: drawInput(dice, sessions[name], round) };
}

function drawInput(dice: Dice, { channel }: Session, round: number): SessionInput {
  const roll = dice.below(20);
  if (channel?.sent === 0) {
    const stream = dice.bytes(16);
    const resume = { type: "resume", stream, first: round, known: stream, received: 7 } as const;
    return { type: "send", items: [resume] };
  }
  if (roll < 9 && channel !== null) {
    const said = { time: round, seen: dice.pick([channel.own.seen, channel.peer.next]) };
    const text = (i: number) => ({ ...said, type: "text", text: `${round}.${i}` }) as const;
    const items: OwnItem[] = Array.from({ length: dice.pick([0, 1, 2, 3, 40]) }, (_, i) => text(i));
    if (roll > 6) items.push({ type: "file-query", id: dice.bytes(16) });
    if (roll === 8 && round > 60) items.push({ ...said, type: "end", text: "" });
    return { type: "send", items };
  }
  return roll < 11 ? { type: "start" } : { type: "idle" };
}

async function make(pair: SessionPair, name: Name, move: Move): Promise<unknown[]> {
  if (move.type === "input") return await give(pair, name, move.input);
  const { type, at } = move;
  const queue = pair.inbound[name];
  const { event, payload } = queue[at]!;
  if (type !== "repeat") queue.splice(at, 1);
  if (type === "drop") return [];
  const bytes = payload as Uint8Array;
  const damaged = type === "damage" ? flipBit(bytes, bytes.length - 1) : bytes;
  return await give(pair, name, { type: "receive", event, payload: damaged });
}

/** Makes the same moves with the real session and with the stub. */
async function compare(seed: number, rounds: number): Promise<Set<string>> {
  const dice = new Dice(seed);
  const [real, stub] = [pairOf(advance), pairOf(stubAdvance)];
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const name = dice.pick(NAMES);
    const move = drawMove(dice, real, name, round);
    const effects = await make(real, name, move);
    assertEquals(await make(stub, name, move), effects, `seed ${seed}, round ${round}`);
    for (const effect of effects.slice(2)) {
      seen.add(String(Array.isArray(effect) ? effect[0] : (effect as { type: string }).type));
    }
  }
  for (const name of NAMES) {
    const left = await give(real, name, { type: "peer-left" });
    assertEquals(await give(stub, name, { type: "peer-left" }), left, `seed ${seed}`);
  }
  return seen;
}

heavyTest("stubAdvance() does what advance() does, whatever the network does", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 4; seed++) {
    for (const type of await compare(seed, 120)) seen.add(type);
  }
  const wanted = [
    "secure",
    "message",
    "said",
    "delivered",
    "gap",
    "resume",
    "refused",
  ];
  for (const type of [...wanted, "peer-finished"]) assert(seen.has(type), type);
});

/** A conversation that breaks and goes on, and what both sides were shown. */
async function play(take: typeof advance): Promise<unknown[]> {
  const relay = new FakeRelay(take);
  const [a, b] = [relay.join("alice"), relay.join("bob")];
  const quiet = async () => {
    for (const { conversation, delivery } of [a, b]) {
      await conversation.until(() => delivery.ready && conversation.undelivered === 0);
    }
  };
  const say = async ({ conversation }: Seat, ...texts: string[]) => {
    conversation.say(...texts);
    await quiet();
  };
  for (const { view } of [a, b]) await view.until("secure");
  await quiet();
  await say(a, "one");
  await say(b, "two", "three");
  relay.lost.add("message");
  a.conversation.say("lost", "and found");
  await a.view.until("sent", 3);
  a.drop();
  relay.lost.clear();
  await b.view.until("peer-away");
  b.conversation.say("while you were away");
  await b.view.until("queued", 3);
  a.comeBack();
  for (const { view } of [a, b]) await view.until("secure", 2);
  await quiet();
  await say(a, "four");
  for (const { conversation } of [a, b]) conversation.finish();
  for (const { conversation } of [a, b]) await conversation.until(() => conversation.settled);
  return [a, b].map(({ view }) => {
    // Keys differ, and steps of the two handshakes interleave as their computations end.
    const reported = view.events.map(eventToJson).filter((event) => event?.event !== "step");
    return reported.filter((event) => event !== null)
      .map((event) => event.event === "secure" ? "secure" : JSON.stringify({ ...event, time: 0 }))
      .sort();
  });
}

Deno.test("Conversation shows the same over the stub as over the real session", async () => {
  assertEquals(await play(stubAdvance), await play(advance));
});

Deno.test("stubAdvance() takes randomness and time from its environment only", async () => {
  const bytes = async () => {
    const { effects } = await stubAdvance(newSession(optionsOf("alice")), { type: "start" }, {
      random: seededRandom("the same"),
      kem: mlKem768,
      now: () => 0,
    });
    return effects;
  };
  assertEquals(await bytes(), await bytes());
});

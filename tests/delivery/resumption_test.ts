import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { Resumption } from "../../lib/delivery/resumption.ts";
import { DeliveryState } from "../../lib/delivery/state.ts";
import type { DeliveryRecord } from "../../lib/delivery/record.ts";
import { WireError } from "../../lib/errors.ts";
import type { OutboxLine } from "../../lib/delivery/outbox.ts";
import type { ResumeSignal } from "../../lib/protocol/signal.ts";
import { Dice } from "../helpers/mutants.ts";

const OURS = "0a".repeat(16);
const THEIRS = "0b".repeat(16);
const OTHER = "0c".repeat(16);
const NONE = "00".repeat(16);

/** A state that has `items` for Ann from number `first` on, of which `sealed` were ever sealed. */
function stateOf(first: number, items: number, sealed = items, received = 0): DeliveryState {
  return new DeliveryState([
    { type: "stream", to: "ann", stream: OURS, first, sealed: first + sealed },
    ...Array.from({ length: items }, (_, i): DeliveryRecord => (
      { type: "kept", to: "ann", kind: "text", body: `${i}` }
    )),
    { type: "following", from: "ann", stream: THEIRS, received },
  ]);
}

function signal(
  changes: Partial<Record<"stream" | "known", string>> & {
    first?: number;
    received?: number;
  },
): ResumeSignal {
  const { stream = THEIRS, known = OURS, first = 0, received = 0 } = changes;
  return { type: "resume", stream: fromHex(stream), known: fromHex(known), first, received };
}

/** Resumes, and returns the bodies and numbers of what is said next. */
function resume(state: DeliveryState, theirs: ResumeSignal) {
  const resumption = new Resumption(state, "ann");
  const { records, lost, arrived, restored } = resumption.resume(theirs);
  const { length } = state.outbox.lines("ann");
  for (const record of records) state.apply(record);
  assertEquals(length - state.outbox.lines("ann").length, arrived);
  const says = resumption.unsent(9).map(({ text }) => text).join(" ");
  const number = resumption.ready ? resumption.delivered(0).count : null;
  return { number, says, lost, restored, resumption };
}

Deno.test("Resumption.resume() goes on where the other side left off, in every state of both", () => {
  const cases: [string, DeliveryState, ResumeSignal, number, string][] = [
    ["they know all", stateOf(3, 2), signal({ received: 5 }), 5, ""],
    ["they know some", stateOf(3, 2), signal({ received: 4 }), 4, "1"],
    ["they know what we know of", stateOf(3, 2), signal({ received: 3 }), 3, "0 1"],
    ["they know no stream", stateOf(3, 2), signal({ known: NONE }), 3, "0 1"],
    ["they know another", stateOf(3, 2), signal({ known: OTHER, received: 9 }), 3, "0 1"],
    ["they were rolled back", stateOf(3, 2), signal({ received: 1 }), 3, "0 1"],
    ["some was never sealed", stateOf(3, 4, 2), signal({ received: 4 }), 4, "1 2 3"],
    ["all that was sealed has come", stateOf(3, 4, 2), signal({ received: 5 }), 5, "2 3"],
    ["nothing was", stateOf(3, 2, 0), signal({ received: 3 }), 3, "0 1"],
  ];
  for (const [name, state, theirs, number, says] of cases) {
    const next = resume(state, theirs);
    assertEquals([next.number, next.says, next.restored], [number, says, null], name);
    // From here on they can only have what is sealed from here on.
    assertEquals(state.peer("ann").sealed, number, name);
  }
});

Deno.test("Resumption.resume() takes nothing for arrived that was never sealed: our disk was put back", () => {
  for (const [sealed, received] of [[2, 6], [2, 9], [0, 4], [4, 8]] as const) {
    const state = stateOf(3, 4, sealed);
    const next = resume(state, signal({ received }));
    assertEquals([next.number, next.says, next.restored], [null, "", "ours"]);
    assertEquals([state.peer("ann").first, state.peer("ann").sealed], [3, 3 + sealed]);
  }
});

Deno.test("Resumption.resume() follows the other side's stream, and reports what of it is lost", () => {
  const cases: [string, number, ResumeSignal, number, readonly [number, number] | null][] = [
    ["the same, nothing new", 5, signal({ first: 5 }), 5, null],
    ["the same, unacknowledged", 5, signal({ first: 3 }), 5, null],
    ["they let go what we lost", 5, signal({ first: 8 }), 8, [5, 8]],
    ["a new one", 5, signal({ stream: OTHER, first: 0 }), 0, null],
    ["a new one that is not at its beginning", 5, signal({ stream: OTHER, first: 9 }), 9, null],
  ];
  for (const [name, received, theirs, now, lost] of cases) {
    const state = stateOf(0, 0, 0, received);
    assertEquals(resume(state, theirs).lost, lost, name);
    assertEquals(state.peer("ann").received, now, name);
    assertEquals(state.peer("ann").following, toHex(theirs.stream), name);
  }
});

Deno.test("Resumption.resume() refuses numbers that nobody counts to", () => {
  for (const absurd of [{ first: 2 ** 48 + 1 }, { received: 2 ** 48 + 1 }]) {
    const fresh = new Resumption(stateOf(0, 1), "ann");
    assertThrows(() => fresh.resume(signal(absurd)), WireError);
    assert(!fresh.ready);
  }
});

Deno.test("Resumption: nothing is said before their resume, and each item has the next number after it", () => {
  const state = stateOf(2, 3);
  const silent = new Resumption(state, "ann");
  assertEquals([silent.ready, silent.unsent(9), silent.unsentCount], [false, [], 0]);
  const { resumption } = resume(state, signal({ received: 3 }));
  assertEquals([resumption.unsentCount, resumption.numberAfter(2)], [2, 5]);
  assertEquals([resumption.sent().sequence, resumption.sent().sequence], [3, 4]);
  assertEquals([resumption.unsent(9), resumption.unsentCount], [[], 0]);
  assertEquals([1, 2, 3].map((count) => resumption.delivered(count).count), [4, 5, 5]);
});

Deno.test("Resumption.greeting() has both streams, and zeros for one that is not known", () => {
  const { stream, first, known, received } = new Resumption(stateOf(4, 1, 1, 7), "ann").greeting();
  assertEquals([toHex(stream), first, toHex(known), received], [OURS, 4, THEIRS, 7]);
  const fresh = new DeliveryState([{ type: "stream", to: "ann", stream: OURS, first: 0 }]);
  assertEquals(toHex(new Resumption(fresh, "ann").greeting().known), NONE);
});

/** One side of a property test: its journal, and what its person knows. */
class Side {
  journal: DeliveryRecord[] = [];
  state = new DeliveryState();
  resumption: Resumption | null = null;
  /** What was shown, ever. */
  readonly shown: string[] = [];
  isRolledBack = false;
  /** Whether a run has begun and nobody was met in it. */
  isFresh = true;
  #names = 0;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  apply(...records: DeliveryRecord[]): void {
    for (const record of records) this.state.apply(record);
    this.journal.push(...records);
  }

  greet(): ResumeSignal {
    const { stream } = this.state.peer("p");
    if (stream === null) this.begin();
    if (this.isFresh) {
      if (this.state.outbox.lines("home").length > 0) {
        this.apply({ type: "claimed", place: "home", to: "p" });
      }
    }
    this.isFresh = false;
    this.resumption = new Resumption(this.state, "p");
    return this.resumption.greeting();
  }

  /** Another stream begins. */
  begin(): void {
    const stream = `${this.name}${this.#names++}`.padStart(32, "0");
    this.apply({ type: "stream", to: "p", stream, first: 0, sealed: 0 });
  }

  /** Seals what comes next, as its journal says before. */
  say(count: number): readonly OutboxLine[] {
    const { resumption } = this;
    const said = resumption!.unsent(count);
    if (said.length === 0) return said;
    this.apply({ type: "sealed", to: "p", count: resumption!.numberAfter(said.length) });
    return said.map(() => resumption!.sent());
  }

  /** Another run, with the journal as it was `back` records ago. */
  restart(back: number): void {
    if (back > 0) this.isRolledBack = true;
    this.journal = this.journal.slice(0, Math.max(0, this.journal.length - back));
    this.state = new DeliveryState(this.journal);
    this.isFresh = true;
  }
}

/** A session begins. Whose disk was put back begins another stream, and then they meet once more. */
function meet(a: Side, b: Side): (readonly [number, number] | null)[] {
  for (let round = 0;; round++) {
    assert(round < 3, "they never agree");
    const greetings = [a.greet(), b.greet()];
    const resumed = [a, b].map((side, i) => {
      const { records, lost, restored } = side.resumption!.resume(greetings[1 - i]!);
      side.apply(...records);
      if (restored === "ours") {
        assert(side.isRolledBack, "nothing was put back");
        side.begin();
      }
      return { lost, restored };
    });
    if (resumed.every(({ restored }) => restored !== "ours")) {
      return resumed.map(({ lost }) => lost);
    }
  }
}

heavyTest(
  "Resumption: both sides agree in every session, and with journals that hold nothing is lost or comes twice",
  () => {
    let rollbacks = 0;
    for (let seed = 0; seed < 1500; seed++) {
      const dice = new Dice(seed);
      const sides = [new Side("a"), new Side("b")] as const;
      const mayRollBack = seed % 2 === 1;
      const typed: [string[], string[]] = [[], []];
      for (let session = 0; session < 6; session++) {
        for (const [i, side] of sides.entries()) {
          for (let n = dice.below(4); n > 0; n--) {
            const body = `${side.name}${session}.${n}`;
            typed[i as 0 | 1].push(body);
            side.apply({ type: "kept", to: side.isFresh ? "home" : "p", kind: "text", body });
          }
        }
        const lost = meet(...sides);
        for (const [i, from] of sides.entries()) {
          const to = sides[1 - i]!;
          const context = `seed ${seed}, session ${session}, from ${from.name}`;
          const number = from.resumption!.delivered(0).count;
          assertEquals(number, to.state.peer("p").received, `${context}: they agree`);
          if (!mayRollBack) assertEquals(lost[1 - i], null, context);
          // Some of it is sent, some of that arrives, and some of the receipts do.
          const sent = from.say(dice.below(from.resumption!.unsentCount + 1));
          const arrive = dice.below(sent.length + 1);
          for (const { kind, text: body } of sent.slice(0, arrive)) {
            to.apply({ type: "heard", from: "p", kind, body, time: 0, signed: true });
            to.shown.push(body);
          }
          const { count } = from.resumption!.delivered(dice.below(arrive + 1));
          from.apply({ type: "delivered", to: "p", count });
        }
        for (const side of sides) {
          const roll = dice.below(4);
          if (roll === 0) side.restart(0);
          else if (roll === 1 && mayRollBack) {
            side.restart(dice.below(6));
            rollbacks++;
          }
        }
      }
      if (mayRollBack) continue;
      for (const [i, from] of sides.entries()) {
        const to = sides[1 - i]!;
        const waiting = [...from.state.outbox.lines("p"), ...from.state.outbox.lines("home")];
        const rest = waiting.map(({ text }) => text);
        const expected = typed[i as 0 | 1];
        assertEquals(to.shown, expected.slice(0, to.shown.length), `seed ${seed}`);
        const missing = expected.slice(to.shown.length);
        assertEquals(rest.slice(rest.length - missing.length), missing, `seed ${seed}`);
      }
    }
    assert(rollbacks > 500);
  },
);

Deno.test("Resumption: of a sender whose disk was put back everything comes that it kept; none is called delivered that never went", () => {
  let restored = 0;
  for (let seed = 0; seed < 600; seed++) {
    const dice = new Dice(seed);
    const [a, b] = [new Side("a"), new Side("b")];
    const talk = (most: number) => {
      const streams = a.journal.filter(({ type }) => type === "stream").length;
      meet(a, b);
      restored += a.journal.filter(({ type }) => type === "stream").length - streams;
      for (const { kind, text: body } of a.say(most)) {
        b.apply({ type: "heard", from: "p", kind, body, time: 0, signed: true });
        b.shown.push(body);
      }
    };
    const keep = (body: string) =>
      a.apply({ type: "kept", to: a.isFresh ? "home" : "p", kind: "text", body });
    keep("first");
    talk(1);
    for (let i = dice.below(4); i > 0; i--) keep(`o${i}`);
    const older = a.journal.length;
    talk(dice.below(5));
    for (let i = dice.below(4); i > 0; i--) keep(`p${i}`);
    talk(dice.below(5));
    a.restart(dice.below(a.journal.length - older + 1));
    const kept = a.state.outbox.lines("p").map(({ text }) => text);
    const fresh = Array.from({ length: dice.below(5) }, (_, i) => `n${i}`);
    for (const body of fresh) keep(body);
    const before = b.shown.length;
    talk(100);
    const since = b.shown.slice(before);
    assertEquals(since.slice(since.length - fresh.length), fresh, `seed ${seed}`);
    for (const body of kept) assert(b.shown.includes(body), `seed ${seed}: ${body}`);
    assertEquals(new Set(since).size, since.length, `seed ${seed}`);
  }
  assert(restored > 700, `${restored}`);
});

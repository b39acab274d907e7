import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../lib/crypto/bytes.ts";
import { Resumption } from "../../lib/delivery/resumption.ts";
import { DeliveryState } from "../../lib/delivery/state.ts";
import type { DeliveryRecord } from "../../lib/delivery/record.ts";
import { WireError } from "../../lib/errors.ts";
import type { ResumeSignal } from "../../lib/protocol/signal.ts";
import { Dice } from "../helpers/mutants.ts";

const OURS = "0a".repeat(16);
const THEIRS = "0b".repeat(16);
const OTHER = "0c".repeat(16);
const NONE = "00".repeat(16);

/** A state that has `items` for Ann from number `first` on, of which `unsaid` were kept since a new run. */
function stateOf(first: number, items: number, unsaid = 0, received = 0): DeliveryState {
  const record: DeliveryRecord = { type: "stream", to: "ann", stream: OURS, first };
  const keep = (i: number): DeliveryRecord => ({
    type: "kept",
    to: "ann",
    kind: "text",
    body: `${i}`,
  });
  const all = Array.from({ length: items }, (_, i) => keep(i));
  const said = items - unsaid;
  return new DeliveryState([
    record,
    ...all.slice(0, said),
    { type: "delivered", to: "ann", count: first },
    record,
    ...all.slice(said),
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
  const { records, lost, arrived } = resumption.resume(theirs);
  const { length } = state.outbox.lines("ann");
  for (const record of records) state.apply(record);
  assertEquals(length - state.outbox.lines("ann").length, arrived);
  const says = resumption.unsent.map(({ text }) => text).join(" ");
  return { number: resumption.delivered(0), says, lost, resumption };
}

Deno.test("Resumption.resume() goes on where the other side left off, in every state of both", () => {
  const cases: [string, DeliveryState, ResumeSignal, number, string][] = [
    ["they know all", stateOf(3, 2), signal({ received: 5 }), 5, ""],
    ["they know some", stateOf(3, 2), signal({ received: 4 }), 4, "1"],
    ["they know what we know of", stateOf(3, 2), signal({ received: 3 }), 3, "0 1"],
    ["they know no stream", stateOf(3, 2), signal({ known: NONE }), 3, "0 1"],
    ["they know another", stateOf(3, 2), signal({ known: OTHER, received: 4 }), 3, "0 1"],
    ["they were rolled back", stateOf(3, 2), signal({ received: 1 }), 3, "0 1"],
    ["we were rolled back", stateOf(3, 2), signal({ received: 9 }), 9, ""],
    ["and said more since", stateOf(3, 4, 2), signal({ received: 9 }), 9, "2 3"],
    ["as much as they have", stateOf(3, 4, 2), signal({ received: 7 }), 7, "2 3"],
    ["less than they have", stateOf(3, 4, 2), signal({ received: 6 }), 6, "2 3"],
    ["and nothing is unknown", stateOf(3, 4, 2), signal({ received: 5 }), 5, "2 3"],
    ["everything is new", stateOf(0, 2, 2), signal({ received: 1 }), 1, "0 1"],
  ];
  for (const [name, state, theirs, number, says] of cases) {
    const next = resume(state, theirs);
    assertEquals([next.number, next.says], [number, says], name);
    assertEquals(state.peer("ann").unsaid, 0, name);
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

Deno.test("Resumption.resume() refuses a second one, and numbers that nobody counts to", () => {
  const { resumption } = resume(stateOf(0, 1), signal({}));
  assertThrows(() => resumption.resume(signal({})), WireError, "no second resume");
  for (const absurd of [{ first: 2 ** 48 + 1 }, { received: 2 ** 48 + 1 }]) {
    const fresh = new Resumption(stateOf(0, 1), "ann");
    assertThrows(() => fresh.resume(signal(absurd)), WireError);
    assert(!fresh.ready);
  }
});

Deno.test("Resumption: nothing is said before their resume, and each item has the next number after it", () => {
  const state = stateOf(2, 3);
  const silent = new Resumption(state, "ann");
  assertEquals([silent.ready, silent.unsent], [false, []]);
  const { resumption } = resume(state, signal({ received: 3 }));
  assertEquals([resumption.sent(0).sequence, resumption.sent(0).sequence], [3, 4]);
  assertEquals(resumption.unsent, []);
  assertEquals([resumption.delivered(1), resumption.delivered(2), resumption.delivered(3)], [
    4,
    5,
    5,
  ]);
});

Deno.test("Resumption.greeting() has both streams, and zeros for one that is not known", () => {
  const { stream, first, known, received } = new Resumption(stateOf(4, 1, 0, 7), "ann").greeting();
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
    const { stream, first } = this.state.peer("p");
    if (this.isFresh) {
      const name = stream ?? (this.name + this.#names++).padStart(32, "0");
      this.apply({ type: "stream", to: "p", stream: name, first });
      if (this.state.outbox.lines("home").length > 0) {
        this.apply({ type: "claimed", place: "home", to: "p" });
      }
    }
    this.isFresh = false;
    this.resumption = new Resumption(this.state, "p");
    return this.resumption.greeting();
  }

  /** Another run, with the journal as it was `back` records ago. */
  restart(back: number): void {
    if (back > 0) this.isRolledBack = true;
    this.journal = this.journal.slice(0, Math.max(0, this.journal.length - back));
    this.state = new DeliveryState(this.journal);
    this.isFresh = true;
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
        const greetings = sides.map((side) => side.greet());
        const lost = sides.map((side, i) => {
          const { records, lost } = side.resumption!.resume(greetings[1 - i]!);
          side.apply(...records);
          return lost;
        });
        for (const [i, from] of sides.entries()) {
          const to = sides[1 - i]!;
          const number = from.resumption!.delivered(0);
          const context = `seed ${seed}, session ${session}, from ${from.name}`;
          assertEquals(number, to.state.peer("p").received, `${context}: they agree`);
          if (!mayRollBack) assertEquals(lost[1 - i], null, context);
          // Some of it arrives, and some of the receipts do.
          const items = from.resumption!.unsent;
          const arrive = dice.below(items.length + 1);
          for (const { kind, text: body } of items.slice(0, arrive)) {
            from.resumption!.sent(0);
            to.apply({ type: "heard", from: "p", kind, body, time: 0, signed: true });
            to.shown.push(body);
          }
          const count = from.resumption!.delivered(dice.below(arrive + 1));
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

Deno.test("Resumption: a rolled back sender's new items all come, once, whatever else it has forgotten", () => {
  for (let seed = 0; seed < 600; seed++) {
    const dice = new Dice(seed);
    const [a, b] = [new Side("a"), new Side("b")];
    a.apply({ type: "kept", to: "home", kind: "text", body: "first" });
    const meet = (arrive: number) => {
      const greetings = [a.greet(), b.greet()] as const;
      a.apply(...a.resumption!.resume(greetings[1]).records);
      b.apply(...b.resumption!.resume(greetings[0]).records);
      for (const { kind, text: body } of a.resumption!.unsent.slice(0, arrive)) {
        a.resumption!.sent(0);
        b.apply({ type: "heard", from: "p", kind, body, time: 0, signed: true });
        b.shown.push(body);
      }
    };
    meet(1);
    const before = dice.below(3);
    for (let i = 0; i < before; i++) {
      a.apply({ type: "kept", to: "p", kind: "text", body: `o${i}` });
    }
    const forgotten = dice.below(before + 1);
    meet(dice.below(before + 1));
    // What was kept last is gone, and nothing from before; then more is kept, and that lasts.
    const names = a.journal.filter(({ type }) => type === "kept").slice(before - forgotten + 1);
    a.journal = a.journal.filter((record) => !names.includes(record));
    a.restart(0);
    const fresh = Array.from({ length: dice.below(5) }, (_, i) => `n${i}`);
    for (const body of fresh) a.apply({ type: "kept", to: "home", kind: "text", body });
    if (dice.below(2) === 0) a.greet();
    if (dice.below(2) === 0) a.restart(0);
    meet(100);
    assertEquals(b.shown.filter((body) => body.startsWith("n")), fresh, `seed ${seed}`);
    assertEquals(new Set(b.shown).size, b.shown.length, `seed ${seed}`);
  }
});

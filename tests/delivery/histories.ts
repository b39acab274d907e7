/**
 * Mailrooms with a past: random records that make sense, for property tests.
 *
 * @module
 */
import type { Mailroom, Place } from "../../lib/delivery/state.ts";
import type { Heard, Item, MailRecord, Tag } from "../../lib/delivery/record.ts";
import type { TransferRecord } from "../../lib/transfer/events.ts";
import type { Dice } from "../helpers/mutants.ts";

/** The state of one person, to compare. */
export interface Snapshot {
  readonly people: readonly (readonly [Tag, unknown])[];
  readonly places: readonly (readonly [Tag, Place])[];
}

/** All that a mailroom can be asked. */
export function stateOf(mailroom: Mailroom, places: readonly Tag[]): Snapshot {
  return {
    people: mailroom.tags().map((tag) => [tag, structuredClone(mailroom.person(tag))] as const),
    places: places.map((tag) => [tag, structuredClone(mailroom.place(tag))] as const),
  };
}

/** One record that can follow. */
export function drawRecord(dice: Dice, mailroom: Mailroom, n: number): MailRecord {
  const tag = dice.pick(["ann", "ben", "cleo"]);
  const { stream, first, items, following, received, unshown } = mailroom.person(tag);
  const item: Item = { kind: dice.pick(["text", "file"] as const), body: `item ${n}` };
  const begin: MailRecord = { type: "stream", to: tag, stream: stream ?? `5${n}`, first };
  switch (dice.below(9)) {
    case 0:
      return { type: "kept", to: dice.pick(["home", "work"]), ...item };
    case 1:
    case 2:
      return stream === null ? begin : { type: "kept", to: tag, ...item };
    case 3:
      return dice.below(3) > 0 ? begin : { ...begin, first: first + dice.below(3) } as MailRecord;
    case 4:
      return stream === null
        ? begin
        : { type: "claimed", place: dice.pick(["home", "work"]), to: tag };
    case 5:
      return stream === null
        ? begin
        : { type: "delivered", to: tag, count: first + dice.below(items.length + 1) };
    case 6:
      return following === null || dice.below(9) === 0
        ? {
          type: "following",
          from: tag,
          stream: `f${n}`,
          received: unshown.length + dice.below(9),
        }
        : {
          type: "heard",
          from: tag,
          ...{ ...item, time: n, signed: n % 2 === 0 } satisfies Heard,
        };
    case 7:
      return following === null
        ? { type: "following", from: tag, stream: `f${n}`, received: 0 }
        : { type: "shown", from: tag, count: received - dice.below(unshown.length + 1) };
    default:
      return {
        type: "transfers",
        with: dice.pick(["home", tag]),
        list: dice.pick<TransferRecord[]>([[], [{ id: `${n}` } as TransferRecord]]),
      };
  }
}

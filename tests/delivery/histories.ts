/**
 * Delivery states with a past: random records that make sense, for property tests.
 *
 * @module
 */
import type { DeliveryState } from "../../lib/delivery/state.ts";
import type { Addressee, DeliveryRecord, Item, ReceivedItem } from "../../lib/delivery/record.ts";
import type { TransferRecord } from "../../lib/transfer/transfer_events.ts";
import type { Dice } from "../helpers/mutants.ts";

/** All that a state can be asked, to compare. The ids of lines are a run's own. */
export function stateOf(state: DeliveryState, addressees: readonly Addressee[]): unknown {
  return {
    peers: state.peers().map((id) => [id, structuredClone(state.peer(id))] as const),
    lines: addressees.map((addressee) =>
      state.outbox.lines(addressee).map(({ id: _, sequence: __, ...line }) => line)
    ),
    transfers: addressees.map((addressee) => state.transfers(addressee)),
  };
}

/** One record that can follow. */
export function drawRecord(dice: Dice, state: DeliveryState, n: number): DeliveryRecord {
  const tag = dice.pick(["ann", "ben", "cleo"]);
  const { stream, first, sealed, following, received, unshown } = state.peer(tag);
  const items = state.outbox.lines(tag);
  const item: Item = { kind: dice.pick(["text", "file"] as const), body: `item ${n}` };
  const begin: DeliveryRecord = {
    type: "stream",
    to: tag,
    stream: stream ?? `5${n}`,
    first,
    sealed: first,
  };
  const next = first + items.length;
  switch (dice.below(11)) {
    case 9:
      return stream === null
        ? begin
        : { type: "sealed", to: tag, count: first + dice.below(items.length + 1) };
    case 10:
      return stream === null || Math.max(sealed, first) >= next ? begin : {
        type: "withdrawn",
        to: tag,
        number: next - 1 - dice.below(next - Math.max(sealed, first)),
      };
    case 0:
      return { type: "kept", to: dice.pick(["home", "work"]), ...item };
    case 1:
    case 2:
      return stream === null ? begin : { type: "kept", to: tag, ...item };
    case 3:
      return dice.below(3) > 0 ? begin : { ...begin, first: 0, sealed: 0 } as DeliveryRecord;
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
          ...{ ...item, time: n, signed: n % 2 === 0 } satisfies ReceivedItem,
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

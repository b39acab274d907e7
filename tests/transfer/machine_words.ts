/** Inputs and effects of a transfer's two machines in a few letters. */
import type { StopReason } from "../../lib/protocol/signal.ts";
import type { TransferEffect, TransferInput } from "../../lib/transfer/machine.ts";

/** The file's id. */
export const ID = new Uint8Array(16).fill(1);

/** An input, or its type where it has nothing else. */
export type Input = TransferInput | TransferInput["type"];

/** The input that is meant. */
export function inputOf(input: Input): TransferInput {
  if (input === "opened") return { type: input, sessionId: new Uint8Array(32) };
  return typeof input === "string" ? { type: input } as TransferInput : input;
}

/** The peer stops. */
export function stop(reason: StopReason): TransferInput {
  return { type: "file-stop", id: ID, reason };
}

/** An effect in a few letters. */
export function brief(effect: TransferEffect): string {
  switch (effect.type) {
    case "send": {
      const { signal } = effect;
      return signal.type === "file-stop" ? `tell stop ${signal.reason}` : `tell ${signal.type}`;
    }
    case "leaf":
    case "write":
      return `${effect.type} ${effect.index}`;
    case "ask":
      return `ask ${effect.from}`;
    case "progress":
      return `has ${effect.leaves}`;
    case "held":
      return effect.by === "disk" ? `held by ${effect.error.code}` : `held by ${effect.by}`;
    case "stopped":
      return `stopped by ${effect.by}: ${effect.reason}`;
    default:
      return effect.type;
  }
}

/**
 * What the user is told when a transfer ends without its file: the cause, and the next step.
 *
 * @module
 */
import { toHex } from "../crypto/bytes.ts";
import type { Offer } from "../protocol/offer.ts";
import type { StopReason } from "../protocol/signal.ts";
import type { TransferCode } from "./errors.ts";
import type { TransferDirection, TransferEvent } from "./transfer_events.ts";
import { cleanFileName } from "./file_name.ts";

type Wording = Readonly<
  Partial<Record<StopReason, readonly [code: TransferCode, message: string]>>
>;

/** By direction and by the side that ended it; what no machine gives is left out. `%` is the file's name. */
const WORDING: Readonly<Record<`${TransferDirection} ${"you" | "peer"}`, Wording>> = {
  "out you": {
    cancelled: ["file-cancelled", "you took % back"],
    changed: ["file-changed", "% has changed since you offered it: send it again as it is now"],
    failed: [
      "cannot-read",
      "% cannot be read any more: put it back and send it again; it goes on where it stopped",
    ],
  },
  "out peer": {
    refused: ["file-refused", "the other side does not want %"],
    cancelled: ["file-refused", "the other side does not want %"],
    changed: [
      "file-changed",
      "what the other side got of % is not what you offered: send it again as it is now",
    ],
    failed: [
      "file-failed",
      "the other side cannot take %: send it again; it goes on where it stopped",
    ],
  },
  "in you": { refused: ["file-refused", "you refused %"] },
  "in peer": {
    received: ["file-failed", "the other side has stopped sending %"],
    refused: ["file-failed", "the other side has stopped sending %"],
    cancelled: ["file-cancelled", "the other side took % back"],
    changed: [
      "file-changed",
      "% is not what was offered any more, so it was not kept: ask for it again",
    ],
    failed: [
      "file-failed",
      "the other side cannot go on sending %: what came is kept, and goes on when it is offered again",
    ],
  },
};

/** A transfer is over. */
export function stoppedEvent(
  direction: TransferDirection,
  { id, name }: Pick<Offer, "id" | "name">,
  { by, reason }: { readonly by: "you" | "peer"; readonly reason: StopReason },
): TransferEvent {
  const [code, message] = WORDING[`${direction} ${by}`][reason]!;
  const text = message.replace("%", () => cleanFileName(name));
  return { type: "file-stopped", id: toHex(id), code, message: text };
}

/** What the user is told of a bug. */
export function brokenEvent(id: string, cause: unknown): TransferEvent {
  const message = cause instanceof Error ? cause.message : String(cause);
  return {
    type: "file-stopped",
    id,
    code: "internal",
    message: `an internal error, which is a bug in parley: ${message}. Please report it`,
  };
}

/**
 * What a client that begins anew tells first, for peers that tests play by hand.
 *
 * @module
 */
import type { ResumeSignal } from "../../lib/protocol/signal.ts";

/** Nothing said yet, nothing known. */
export const RESUME: ResumeSignal = {
  type: "resume",
  stream: new Uint8Array(16).fill(7),
  first: 0,
  known: new Uint8Array(16),
  received: 0,
};

/**
 * parley as a library: the protocol's state machines and the primitives under them, without sockets, files or
 * a terminal.
 *
 * @example Two sessions in one process
 * ```ts
 * import { advance, GROUP, mlKem768, newSession, SigningKey, systemRandom } from "@parley/parley";
 *
 * const environment = { random: systemRandom, kem: mlKem768, now: Date.now };
 * const identity = SigningKey.generate(GROUP, systemRandom);
 * const session = newSession({ identity, name: "Alice", deniable: false, code: null });
 * const { effects } = await advance(session, { type: "start" }, environment);
 * console.log(effects.map(({ type }) => type)); // what to send, and what to show
 * ```
 *
 * @module
 */
export type { Bytes } from "./crypto/bytes.ts";
export { DiffieHellmanKeyPair, parseShare } from "./crypto/diffie_hellman.ts";
export { signatureBytes, SigningKey, VerifyingKey } from "./crypto/elgamal.ts";
export { FFDHE_2048, FFDHE_3072, FFDHE_4096, type Group, MODP_2048 } from "./crypto/groups.ts";
export { type Kem, type KemKeyPair, mlKem768 } from "./crypto/kem.ts";
export { type Random, systemRandom } from "./crypto/random.ts";
export {
  CheckError,
  EXIT,
  type ExitCode,
  ParleyError,
  RelayError,
  UnreachableError,
  UsageError,
  WireError,
} from "./errors.ts";
export {
  keyFingerprint,
  safetyNumber,
  safetyPicture,
  safetyWords,
} from "./protocol/fingerprint.ts";
export { completeInvite, type Invite, makeInvite, parseInvite } from "./protocol/invite.ts";
export {
  advance,
  isSettled,
  newSession,
  type OwnInput,
  type Session,
  type SessionEffect,
  type SessionEnvironment,
  type SessionInput,
} from "./protocol/session.ts";
export { newResume, type ResumeSignal, type Signal } from "./protocol/signal.ts";
export {
  TranscriptError,
  type TranscriptVerdict,
  verifyTranscript,
  writeTranscript,
} from "./protocol/transcript.ts";
export { GROUP, SUITE } from "./protocol/wire.ts";
export { type PeerEvent, RELAYED, type RelayedEvent } from "./relay/wire_events.ts";

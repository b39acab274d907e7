/**
 * parley as a library: a conversation, a relay, transcripts, and under them the protocol's state machine for other
 * transports. `@parley/parley/crypto` has the primitives.
 *
 * @example A bot that answers, in the room `echo` of a relay on this machine
 * ```ts
 * import { openConversation } from "@parley/parley";
 *
 * const bot = await openConversation({ server: "http://localhost:5000", room: "echo", name: "Echo" });
 * bot.subscribe((event) => {
 *   if (event.type === "message") bot.say(`You said: ${event.text}`);
 *   if (event.type === "error") console.error(event.error.message);
 * });
 * bot.connect();
 * ```
 *
 * @module
 */
export type { Conversation } from "./conversation/conversation.ts";
export { type ConversationEvent, EventStream } from "./conversation/events.ts";
export type { Connect, Link, RelayAddress, RelayInput } from "./conversation/link.ts";
export type { RecordStore } from "./delivery/delivery.ts";
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
  allotRoom,
  type AllottedRoom,
  openConversation,
  type OpenOptions,
  relayLink,
} from "./open_conversation.ts";
export {
  keyFingerprint,
  safetyNumber,
  safetyPicture,
  safetyWords,
} from "./protocol/fingerprint.ts";
export { type Invite, makeInvite, parseInvite } from "./protocol/invite.ts";
export {
  advance,
  isSettled,
  newSession,
  type SecureFacts,
  type Session,
  type SessionEffect,
  type SessionEnvironment,
  type SessionInput,
  type Transition,
} from "./protocol/session.ts";
export { newResume, type Signal } from "./protocol/signal.ts";
export {
  TranscriptError,
  type TranscriptVerdict,
  verifyTranscript,
} from "./protocol/transcript.ts";
export { GROUP, SUITE } from "./protocol/wire.ts";
export { type PeerEvent, RELAYED, type RelayedEvent } from "./relay/wire_events.ts";
export { lineLog, type Log, LOG_LEVELS, type LogLevel } from "./relay/log.ts";
export { type Relay, type RelayOptions, startRelay } from "./relay/relay.ts";
export { denoDisk } from "./transfer/disk.ts";
export type { Disk } from "./transfer/storage.ts";

// The types that those above are made of.
export type { After } from "./timer.ts";
export type { Exported } from "./conversation/archive.ts";
export type { PublicEvent, Subscriber } from "./conversation/events.ts";
export type { KeyExchange, RefusalInput } from "./conversation/link.ts";
export type { OutboxLine } from "./delivery/outbox.ts";
export type { Addressee, ConversationId, Item, PeerId } from "./delivery/record.ts";
export type { CheckCode } from "./errors.ts";
export type { KeyChange, PeerTrust, TrustState } from "./profile/trust.ts";
export type { BundleOrder, Direction, HeldBundle } from "./protocol/bundle_order.ts";
export type { Channel } from "./protocol/channel.ts";
export type { OwnItem, OwnStatement, Step } from "./protocol/effects.ts";
export type {
  Agreement,
  Environment,
  Exchange,
  Handshake,
  HandshakeMessage,
  HandshakeOptions,
  HandshakeSend,
  Own,
} from "./protocol/handshake.ts";
export type { HandshakeTranscript, Role, SessionKeys } from "./protocol/key_schedule.ts";
export type { Offer } from "./protocol/offer.ts";
export type {
  Chain,
  ChainHeader,
  OldChain,
  ReceivingChain,
  SendingChain,
  SkippedKey,
} from "./protocol/chains.ts";
export type { PeerPair, Ratchet, RatchetPair } from "./protocol/ratchet.ts";
export type { FileGet, FileSignal, ResumeSignal, StopReason } from "./protocol/signal.ts";
export type { Statement, StatementKind } from "./protocol/statement.ts";
export type { Hello } from "./protocol/wire.ts";
export type { Refusal, RefusalCode } from "./relay/wire_events.ts";
export type { LogDetail } from "./relay/log.ts";
export type { Heartbeat } from "./relay/relay.ts";
export {
  FILE_ACTIONS,
  type FileAction,
  type TransferDirection,
  type TransferEvent,
  type TransferPhase,
  type TransferState,
} from "./transfer/transfer_events.ts";
export type { Sink, Source, Wanted } from "./transfer/storage.ts";
export type { Acceptance, TransferName, Transfers } from "./transfer/transfers.ts";

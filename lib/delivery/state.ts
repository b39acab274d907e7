/**
 * The delivery state: what each peer is not known to have of what we said, how far we have what they said, and what of
 * that was not shown yet. It changes by records only, so a journal that keeps the records keeps the state.
 *
 * @module
 */
import type { TransferRecord } from "../transfer/transfer_events.ts";
import { Outbox, type OutboxLine } from "./outbox.ts";
import type { Addressee, DeliveryRecord, Item, PeerId, ReceivedItem } from "./record.ts";

/**
 * Most peers that are remembered: a relay can present new keys for ever. The one met longest ago of those with nothing
 * unacknowledged is forgotten; what they sent and we did not acknowledge may then come twice.
 */
const MAX_PEERS = 1000;

/** The state with one peer. Numbers count from the beginning of a stream, over all sessions. */
export interface PeerState {
  /** Names what we say to them; `null` before the first session. */
  stream: string | null;
  /** The number of the oldest line that they are not known to have. */
  first: number;
  /** The number below which lines were ever sealed, since a session last agreed where the stream goes on. */
  sealed: number;
  /** Names what they say to us; `null` before their first session. */
  following: string | null;
  /** How many items of it we have. */
  received: number;
  /** The newest ones that are not known to have been shown. */
  readonly unshown: ReceivedItem[];
}

function newPeer(): PeerState {
  return { stream: null, first: 0, sealed: 0, following: null, received: 0, unshown: [] };
}

/** The state with all peers. */
export class DeliveryState {
  /** What is not known to have arrived; not to be changed but by {@link DeliveryState.apply}. */
  readonly outbox: Outbox = new Outbox();
  /** In the order in which they were met first. */
  readonly #peers = new Map<PeerId, PeerState>();
  readonly #transfers = new Map<Addressee, readonly TransferRecord[]>();

  /** The state that these records make. */
  constructor(records: Iterable<DeliveryRecord> = []) {
    for (const record of records) this.apply(record);
    for (const [id, peer] of this.#peers) {
      peer.sealed = Math.min(peer.sealed, this.nextNumber(id)!);
    }
    this.outbox.saved(this.outbox.nextId);
  }

  /** The state with one peer; not to be changed but by {@link DeliveryState.apply}. */
  peer(id: PeerId): Readonly<PeerState> {
    return this.#peers.get(id) ?? newPeer();
  }

  /** All peers that are remembered. */
  peers(): readonly PeerId[] {
    return [...this.#peers.keys()];
  }

  /** The unfinished transfers with an addressee. */
  transfers(addressee: Addressee): readonly TransferRecord[] {
    return this.#transfers.get(addressee) ?? [];
  }

  /** The number that the next line for an addressee gets; `null` for one who has no stream yet. */
  nextNumber(addressee: Addressee): number | null {
    const peer = this.#peers.get(addressee);
    return peer === undefined ? null : peer.first + this.outbox.lines(addressee).length;
  }

  /** Makes one change. */
  apply(record: DeliveryRecord): void {
    switch (record.type) {
      case "kept":
        return this.add(record.to, record);
      case "stream": {
        const { to, stream, first, sealed = Infinity } = record;
        Object.assign(this.#meet(to), { stream, first, sealed });
        return this.outbox.renumber(to, first);
      }
      case "sealed":
        this.#meet(record.to).sealed = record.count;
        return;
      case "withdrawn":
        return this.outbox.withdraw(record.to, record.number - this.peer(record.to).first);
      case "claimed":
        return this.#claim(record.place, record.to);
      case "delivered": {
        const peer = this.#meet(record.to);
        peer.first += this.outbox.acknowledge(record.to, record.count - peer.first);
        return;
      }
      case "following": {
        const peer = this.#meet(record.from);
        peer.following = record.stream;
        peer.received = record.received;
        return;
      }
      case "heard": {
        const { kind, body, time, signed } = record;
        const peer = this.#meet(record.from);
        peer.received++;
        return void peer.unshown.push({ kind, body, time, signed });
      }
      case "shown": {
        const { unshown, received } = this.#meet(record.from);
        const oldest = received - unshown.length;
        return void unshown.splice(0, Math.max(0, record.count - oldest));
      }
      case "transfers":
        return void this.#transfers.set(record.with, record.list);
    }
  }

  /** The fewest records that make this state: what a journal is compacted to. */
  snapshot(): DeliveryRecord[] {
    const records: DeliveryRecord[] = [];
    for (const addressee of this.outbox.addressees()) {
      if (!this.#peers.has(addressee)) records.push(...kept(this.outbox.lines(addressee)));
    }
    for (const [id, peer] of this.#peers) records.push(...this.#recordsOf(id, peer));
    for (const [addressee, list] of this.#transfers) {
      if (list.length > 0) records.push({ type: "transfers", with: addressee, list });
    }
    return records;
  }

  /** Adds a line. @param seen how many statements of the session that stands its author had before him */
  add(to: Addressee, item: Item, seen = 0): void {
    this.outbox.add(to, item, this.nextNumber(to), seen);
  }

  #claim(place: Addressee, to: PeerId): void {
    this.#meet(to);
    this.outbox.claim(place, to, this.nextNumber(to));
    this.#transfers.set(to, [...this.transfers(to), ...this.transfers(place)]);
    this.#transfers.delete(place);
  }

  #meet(id: PeerId): PeerState {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    const peer = newPeer();
    this.#peers.set(id, peer);
    if (this.#peers.size > MAX_PEERS) this.#forget(id);
    return peer;
  }

  #forget(newest: PeerId): void {
    for (const [id, { unshown }] of this.#peers) {
      const open = unshown.length + this.outbox.lines(id).length + this.transfers(id).length;
      if (id !== newest && open === 0) return void this.#peers.delete(id);
    }
  }

  #recordsOf(id: PeerId, peer: PeerState): DeliveryRecord[] {
    const { stream, first, sealed, following, received, unshown } = peer;
    const records: DeliveryRecord[] = [];
    if (stream !== null) records.push({ type: "stream", to: id, stream, first, sealed });
    else records.push({ type: "delivered", to: id, count: first });
    records.push(...kept(this.outbox.lines(id)));
    if (following !== null) {
      const shown = received - unshown.length;
      records.push({ type: "following", from: id, stream: following, received: shown });
    }
    for (const item of unshown) records.push({ type: "heard", from: id, ...item });
    return records;
  }
}

function kept(lines: readonly OutboxLine[]): DeliveryRecord[] {
  return lines.map(({ addressee, kind, text, time }) => {
    const record = { type: "kept", to: addressee, kind, body: text } as const;
    return time === null ? record : { ...record, time };
  });
}

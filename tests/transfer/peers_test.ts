import { assertEquals, assertThrows } from "@std/assert";
import { toHex } from "../../lib/crypto/bytes.ts";
import { encodeOffer, type Offer } from "../../lib/protocol/offer.ts";
import type { FileSignal } from "../../lib/protocol/signal.ts";
import { TransferError } from "../../lib/transfer/errors.ts";
import type { TransferEvent, TransferRecord } from "../../lib/transfer/transfer_events.ts";
import { Transfers } from "../../lib/transfer/transfers.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contentOf } from "./content.ts";
import { MemoryDisk } from "./memory_disk.ts";

/** The transfers of one conversation, and all that they did. */
class Host {
  readonly sent: string[] = [];
  readonly events: TransferEvent[] = [];
  readonly journal = new Map<string, readonly TransferRecord[]>();
  readonly outbox = new Map<string, Offer[]>();
  readonly disk = new MemoryDisk();
  addressee = "room";
  transfers: Transfers;

  constructor() {
    this.disk.store.files.set("a", contentOf(3));
    this.transfers = this.restart();
  }

  restart(): Transfers {
    const { journal, outbox } = this;
    const addressee = () => this.addressee;
    return this.transfers = new Transfers({
      disk: this.disk,
      random: this.#random,
      now: () => 0,
      after: () => () => {},
      acceptance: "ask",
      show: (event) => this.events.push(event),
      send: (peer: string, { type }: FileSignal) => {
        this.sent.push(`${peer}: ${type}`);
        return Promise.resolve();
      },
      sendFrame: () => Promise.resolve(),
      store: {
        get addressee() {
          return addressee();
        },
        linesFor: (peer) =>
          (outbox.get(peer) ?? []).map((offer) => ({ kind: "file", text: encodeOffer(offer) })),
        transfersWith: (peer) => journal.get(peer) ?? [],
        remember: (peer, records) => journal.set(peer, JSON.parse(JSON.stringify(records))),
      },
    });
  }

  /** The first peer comes: what the journal has for the room is theirs. */
  claim(peer: string): void {
    const { journal } = this;
    journal.set(peer, [...journal.get(peer) ?? [], ...journal.get("room") ?? []]);
    journal.delete("room");
    this.addressee = peer;
    this.transfers.claim("room", peer);
  }

  /** What is sent when a session with a peer begins. */
  async opened(peer: string): Promise<string[]> {
    this.transfers.opened(peer, new Uint8Array(32));
    await this.transfers.idle();
    return this.sent.splice(0);
  }

  ids(): string[] {
    return this.transfers.list().map(({ id }) => id);
  }

  numbers(): number[] {
    return this.transfers.list().map(({ number }) => number);
  }

  readonly #random = seededRandom("peers");
}

/** An offer of a peer. */
function offerWith(id: number): Offer {
  return { id: new Uint8Array(16).fill(id), name: "b", bytes: 3, root: new Uint8Array(32) };
}

Deno.test("Transfers.list(), act() and signal() know the files of one peer only", async () => {
  const host = new Host();
  const { transfers } = host;
  host.addressee = "bob";
  const { to, offer } = await transfers.prepare("a");
  assertEquals(to, "bob");
  transfers.offered("bob", offerWith(1));
  host.addressee = "carol";
  assertEquals(host.ids(), []);
  assertThrows(() => transfers.act("cancel", 1), TransferError);
  assertThrows(() => transfers.act("cancel", toHex(offer.id)), TransferError);
  // The same id is another file where another peer uses it.
  transfers.offered("carol", offerWith(1));
  assertEquals(host.numbers(), [1]);
  transfers.opened("carol", new Uint8Array(32));
  transfers.signal("carol", { type: "file-stop", id: offer.id, reason: "received" });
  const window = { kept: 0, from: 0, until: 1, key: new Uint8Array(32) };
  transfers.signal("carol", { type: "file-get", id: offer.id, ...window });
  await transfers.idle();
  assertEquals(host.sent, ["carol: file-stop"]);
  host.addressee = "bob";
  assertEquals(transfers.list().map(({ phase }) => phase), ["offered", "offered"]);
});

Deno.test("Transfers.opened() sends to the peer that is here, and nothing of another's", async () => {
  const host = new Host();
  const { transfers } = host;
  host.addressee = "bob";
  const { offer } = await transfers.prepare("a");
  transfers.delivered("carol", encodeOffer(offer));
  assertEquals(await host.opened("bob"), []);
  transfers.delivered("bob", encodeOffer(offer));
  transfers.closed();
  assertEquals(await host.opened("carol"), []);
  transfers.act("cancel", 1);
  await transfers.idle();
  assertEquals(host.sent, []);
  transfers.closed();
  assertEquals(await host.opened("bob"), ["bob: file-stop"]);
  transfers.closed();
  // What comes between two sessions is answered in the next.
  transfers.offered("bob", offerWith(1));
  transfers.act("refuse", 2);
  await transfers.idle();
  assertEquals(host.sent, []);
  assertEquals(await host.opened("bob"), ["bob: file-stop"]);
});

Deno.test("Transfers.claim() gives the first peer what was offered before, with its numbers", async () => {
  const host = new Host();
  const { offer } = await host.transfers.prepare("a");
  host.journal.set("bob", [{ ...host.journal.get("room")![0]!, id: "ff" }]);
  host.claim("bob");
  assertEquals(host.ids(), [toHex(offer.id), "ff"]);
  assertEquals(host.numbers(), [1, 2]);
  host.transfers.act("cancel", 1);
  await host.transfers.idle();
  assertEquals(host.journal.get("bob")!.map(({ phase }) => phase), ["stopped", "offered"]);
  assertEquals(host.journal.get("room"), undefined);
});

Deno.test("Transfers.claim() puts it behind what came from that peer right before a crash", async () => {
  const host = new Host();
  const { transfers } = host;
  transfers.offered("bob", offerWith(1));
  const { offer } = await transfers.prepare("a");
  host.claim("bob");
  assertEquals(host.ids(), [toHex(offerWith(1).id), toHex(offer.id)]);
  assertEquals(host.numbers(), [1, 2]);
});

Deno.test("Transfers.prepare() is for the peer that was here or came first, and for none that comes later", async () => {
  const host = new Host();
  const { transfers } = host;
  const first = transfers.prepare("a");
  host.claim("bob");
  assertEquals((await first).to, "bob");
  const second = transfers.prepare("a");
  host.addressee = "carol";
  assertEquals((await second).to, "bob");
  assertEquals(host.ids(), []);
  host.addressee = "bob";
  assertEquals(host.numbers(), [1, 2]);
});

Deno.test("Transfers asks after a restart what became of an offer that is in the outbox no more", async () => {
  const host = new Host();
  host.addressee = "bob";
  const { offer } = await host.transfers.prepare("a");
  host.outbox.set("bob", [offer]);
  host.restart();
  assertEquals(await host.opened("bob"), []);
  host.outbox.clear();
  host.restart();
  assertEquals(await host.opened("bob"), ["bob: file-query"]);
});

Deno.test("Transfers remembers 64 that are over for each peer, and all that are not", () => {
  const host = new Host();
  host.addressee = "bob";
  const offered = { ...OVER, phase: "offered" } as const;
  host.journal.set("bob", [
    offered,
    ...Array.from({ length: 70 }, (_, i) => ({ ...OVER, id: `${i}`.padStart(2, "0") })),
  ]);
  host.journal.set("carol", [OVER]);
  host.addressee = "carol";
  assertEquals(host.numbers(), [1]);
  host.addressee = "bob";
  host.transfers.offered("bob", offerWith(1));
  assertEquals(host.ids(), [
    "ff",
    ...Array.from({ length: 64 }, (_, i) => `${i + 6}`.padStart(2, "0")),
    toHex(offerWith(1).id),
  ]);
  assertEquals(host.numbers().at(-1), 72);
  host.addressee = "carol";
  assertEquals(host.numbers(), [1]);
});

/** A transfer that was over when the process ended. */
const OVER: TransferRecord = {
  direction: "in",
  id: "ff",
  name: "b",
  bytes: 3,
  root: "00".repeat(32),
  path: null,
  phase: "done",
  paused: false,
  known: true,
  answer: "failed",
  untold: null,
};

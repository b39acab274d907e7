/**
 * Files in a conversation whose other side changes: what is for one person is nobody else's.
 */
import { assertEquals } from "@std/assert";
import { fromUtf8 } from "../../lib/crypto/bytes.ts";
import { Delivery, type RecordStore } from "../../lib/delivery/delivery.ts";
import { advance } from "../../lib/protocol/session.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contentOf } from "../transfer/content.ts";
import { MemoryDisk } from "../transfer/memory_disk.ts";
import { FakeRelay, type Seat } from "./fake_relay.ts";

const CONTENT = contentOf(300_000);

function diskWith(path: string): MemoryDisk {
  const disk = new MemoryDisk();
  disk.store.files.set(path, CONTENT);
  return disk;
}

/** A seat with files, which accepts what is offered. */
function joinWith(relay: FakeRelay, name: string, disk: MemoryDisk): Seat {
  const files = { disk, acceptance: "all" } as const;
  return relay.join(name, files);
}

function isReady({ conversation, delivery }: Seat): Promise<void> {
  return conversation.until(() => delivery.ready);
}

Deno.test("Conversation: a file that is offered to one peer is not listed for, offered or sent to the next", async () => {
  const relay = new FakeRelay();
  const a = joinWith(relay, "alice", diskWith("plan.pdf"));
  // Bob decides later.
  const bobs = new MemoryDisk();
  const asked = { disk: bobs, acceptance: "ask" } as const;
  const b = relay.join("bob", asked);
  await Promise.all([isReady(a), isReady(b)]);
  await a.conversation.sendFile("plan.pdf");
  await b.view.until("file-offered");
  await a.view.until("delivered");
  b.drop();
  a.receive({ type: "relay-peer-left" });
  await a.view.until("peer-left");

  const c = joinWith(relay, "carol", new MemoryDisk());
  await Promise.all([isReady(a), isReady(c)]);
  const heard = c.sent.length;
  c.conversation.say("anything for me?");
  await a.view.until("message");
  assertEquals(a.conversation.files.list(), []);
  assertEquals(c.sent.length, heard + 1);
  await c.conversation.close();
  await a.view.until("peer-left", 2);

  b.comeBack();
  await b.view.until("secure", 2);
  b.conversation.files.act("accept", 1);
  await b.view.until("file-received");
  assertEquals(bobs.store.received(), ["received/plan.pdf"]);
});

Deno.test("Conversation: a file that is hashed while another peer comes is offered to the one that was there", async () => {
  const relay = new FakeRelay();
  const disk = diskWith("plan.pdf");
  const a: Seat = relay.join("alice", {
    disk,
    admit: ({ peerName }) => {
      if (peerName === "carol") void a.conversation.sendFile("plan.pdf");
      return null;
    },
  });
  const b = joinWith(relay, "bob", new MemoryDisk());
  await Promise.all([isReady(a), isReady(b)]);
  b.drop();
  await a.view.until("peer-away");
  const c = joinWith(relay, "carol", new MemoryDisk());
  await Promise.all([isReady(a), isReady(c)]);
  await a.conversation.until(() => a.delivery.setAside === 1);
  a.conversation.say("for Carol");
  await c.view.until("message");
  assertEquals(c.view.all("file-offered"), []);
  await c.conversation.close();
  b.comeBack();
  await b.view.until("file-received");
});

/** What is appended, oldest first. */
class MemoryRecords implements RecordStore {
  readonly size = 0;
  records: Uint8Array<ArrayBuffer>[] = [];

  append(records: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    this.records.push(...records);
    return Promise.resolve();
  }

  rewrite(): Promise<void> {
    throw new TypeError("Cannot rewrite so few records");
  }

  /** The delivery of a run that begins with these records. */
  delivery(): Delivery {
    return new Delivery({
      conversation: "place",
      random: seededRandom("records"),
      store: this,
      records: this.records,
      warn: ({ message }) => {
        throw new TypeError(message);
      },
    });
  }
}

Deno.test("Conversation: an offer that came right before a crash is accepted once, beside one that was made before the peer is back", async () => {
  const relay = new FakeRelay();
  const bobs = diskWith("plan.pdf");
  const b = relay.join("bob", { disk: bobs });
  const kept = new MemoryRecords();
  const asked = { disk: new MemoryDisk(), acceptance: "ask" } as const;
  const first = relay.join("alice", { delivery: kept.delivery(), ...asked });
  await Promise.all([isReady(first), isReady(b)]);
  await b.conversation.sendFile("plan.pdf");
  await first.view.until("file-offered");
  // She is killed before she can remember that she was shown the offer: it is the last that she has.
  b.drop();
  first.drop();
  const end = kept.records.findIndex((record) => fromUtf8(record).includes('"type":"heard"'));
  kept.records = kept.records.slice(0, end + 1);

  const disk = diskWith("answer.pdf");
  const files = { disk, acceptance: "all" } as const;
  const { conversation, view: again } = relay.join("alice", {
    delivery: kept.delivery(),
    ...files,
  });
  await conversation.sendFile("answer.pdf");
  b.comeBack();
  await again.until("file-received");
  await b.view.until("file-offered");
  assertEquals(again.all("file-held"), []);
  assertEquals(disk.store.received(), ["received/plan.pdf"]);
  // Each has a number of its own, by which it is named.
  const listed = conversation.files.list().map(({ number, direction }) => [number, direction]);
  assertEquals(listed, [[1, "in"], [2, "out"]]);
});

Deno.test("Conversation: a sender of files answers every 32nd question for leaves, so that both sides heal", async () => {
  const get = {
    type: "file-get",
    id: new Uint8Array(16),
    kept: 0,
    from: 0,
    until: 1,
    key: new Uint8Array(32),
  } as const;
  const relay = new FakeRelay();
  let answers = 0;
  const stops = Promise.withResolvers<void>();
  const a = relay.join("alice", {
    advance: (session, input, environment) => {
      if (input.type === "send" && input.items.length === 0) answers++;
      if (input.type === "send" && input.items.some(({ type }) => type === "file-stop")) {
        stops.resolve();
      }
      return advance(session, input, environment);
    },
  });
  const b = relay.join("bob", {
    advance: (session, input, environment) => {
      const isFirst = input.type === "send" && input.items[0]?.type === "resume";
      const items = isFirst ? [...input.items, ...Array<typeof get>(95).fill(get)] : [];
      return advance(session, isFirst ? { type: "send", items } : input, environment);
    },
  });
  await Promise.all([isReady(a), isReady(b), stops.promise]);
  assertEquals(answers, 2);
});

/**
 * Files in a conversation whose other side changes: what is for one person is nobody else's.
 */
import { assertEquals } from "@std/assert";
import { fromUtf8 } from "../../lib/crypto/bytes.ts";
import { Correspondence, type RecordStore } from "../../lib/delivery/delivery.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contentOf } from "../transfer/content.ts";
import { MemoryDisk } from "../transfer/memory_disk.ts";
import { FakeRelay, RecordingView, type Seat } from "./fake_relay.ts";

const CONTENT = contentOf(300_000);

function diskWith(path: string): MemoryDisk {
  const disk = new MemoryDisk();
  disk.store.files.set(path, CONTENT);
  return disk;
}

/** Somebody with files, who takes what is offered. */
function joinWith(relay: FakeRelay, name: string, disk: MemoryDisk): Seat {
  const files = { disk, acceptance: "all" } as const;
  return relay.join(name, {}, new RecordingView(), undefined, undefined, files);
}

function isReady({ conversation, mail }: Seat): Promise<void> {
  return conversation.until(() => mail.ready);
}

Deno.test("FileDesk: a file that is offered to one person is not shown, told of or given to the next", async () => {
  const relay = new FakeRelay();
  const a = joinWith(relay, "alice", diskWith("plan.pdf"));
  // Bob decides later.
  const bobs = new MemoryDisk();
  const asked = { disk: bobs, acceptance: "ask" } as const;
  const b = relay.join("bob", {}, new RecordingView(), undefined, undefined, asked);
  await Promise.all([isReady(a), isReady(b)]);
  await a.conversation.sendFile("plan.pdf");
  await b.view.until("file-offered");
  await a.view.until("delivered");
  b.drop();
  a.conversation.post({ type: "relay-peer-left" });
  await a.view.until("peer-left");

  const c = joinWith(relay, "carol", new MemoryDisk());
  await Promise.all([isReady(a), isReady(c)]);
  const heard = c.sent.length;
  c.conversation.post({ type: "say", texts: ["anything for me?"] });
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

Deno.test("FileDesk: a file that is read while somebody else comes is offered to the one who was there", async () => {
  const relay = new FakeRelay();
  const disk = diskWith("plan.pdf");
  const a: Seat = relay.join(
    "alice",
    {},
    new RecordingView(),
    ({ peerName }) => {
      if (peerName === "carol") void a.conversation.sendFile("plan.pdf");
      return null;
    },
    undefined,
    { disk },
  );
  const b = joinWith(relay, "bob", new MemoryDisk());
  await Promise.all([isReady(a), isReady(b)]);
  b.drop();
  await a.view.until("peer-away");
  const c = joinWith(relay, "carol", new MemoryDisk());
  await Promise.all([isReady(a), isReady(c)]);
  await a.conversation.until(() => a.mail.setAside === 1);
  a.conversation.post({ type: "say", texts: ["for Carol"] });
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

  /** The correspondence of a run that begins with these records. */
  mail(): Correspondence {
    return new Correspondence({
      place: "place",
      random: seededRandom("records"),
      store: this,
      records: this.records,
      warn: ({ message }) => {
        throw new TypeError(message);
      },
    });
  }
}

Deno.test("FileDesk takes an offer that came right before a fall once, beside what is offered before they are back", async () => {
  const relay = new FakeRelay();
  const bobs = diskWith("plan.pdf");
  const b = relay.join("bob", {}, new RecordingView(), undefined, undefined, { disk: bobs });
  const kept = new MemoryRecords();
  const asked = { disk: new MemoryDisk(), acceptance: "ask" } as const;
  const first = relay.join("alice", {}, new RecordingView(), undefined, kept.mail(), asked);
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
  const again = new RecordingView();
  const { conversation } = relay.join("alice", {}, again, undefined, kept.mail(), files);
  await conversation.sendFile("answer.pdf");
  b.comeBack();
  await again.until("file-received");
  await b.view.until("file-offered");
  assertEquals(again.all("file-held"), []);
  assertEquals(disk.store.received(), ["received/plan.pdf"]);
  assertEquals(conversation.files.list().map(({ direction }) => direction), ["in", "out"]);
});

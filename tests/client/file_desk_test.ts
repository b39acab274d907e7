/**
 * Files in a conversation whose other side changes: what is for one person is nobody else's.
 */
import { assertEquals } from "@std/assert";
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

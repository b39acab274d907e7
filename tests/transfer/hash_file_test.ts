import { assertEquals, assertRejects } from "@std/assert";
import { openHashed } from "../../lib/transfer/hash_file.ts";
import { contentOf } from "./content.ts";
import { MemoryDisk } from "./memory_disk.ts";

const all = () => true;

function diskWith(bytes: number): MemoryDisk {
  const disk = new MemoryDisk();
  disk.store.files.set("a.bin", contentOf(bytes));
  return disk;
}

Deno.test("openHashed() leaves a file open that fits, and closes one that does not", async () => {
  const disk = diskWith(300_000);
  const lengths: number[] = [];
  const fits = (bytes: number) => lengths.push(bytes) > 1;
  assertEquals(await openHashed(disk, "a.bin", fits, {}), null);
  assertEquals([lengths, disk.store.open.size], [[300_000], 0]);
  const file = await openHashed(disk, "a.bin", fits, {});
  assertEquals([file!.source.bytes, disk.store.open.size], [300_000, 1]);
  file!.source.close();
  assertEquals(disk.store.open.size, 0);
});

Deno.test("openHashed() closes a file that can't be read to its end", async () => {
  const disk = diskWith(300_000);
  const { open } = disk;
  disk.open = async (path) => ({
    ...await open.call(disk, path),
    read: () => Promise.reject(new Error("a bad sector")),
  });
  await assertRejects(() => openHashed(disk, "a.bin", all, {}), Error, "a bad sector");
  assertEquals(disk.store.open.size, 0);
});

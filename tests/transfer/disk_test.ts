import { assert, assertEquals, assertRejects } from "@std/assert";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { denoDisk } from "../../lib/transfer/disk.ts";
import { TransferError } from "../../lib/transfer/errors.ts";
import type { Wanted } from "../../lib/transfer/storage.ts";
import { canWriteTemp, tempDir } from "../helpers/permissions.ts";
import { recordSyncs } from "../helpers/recorded_syncs.ts";
import { contentOf, leafOf, treeOf } from "./content.ts";

const CONTENT = contentOf(2 * LEAF_BYTES + 7);
const WANTED: Wanted = {
  name: "photo.jpg",
  bytes: CONTENT.length,
  root: (await treeOf(CONTENT)).root,
};

/** A test with a disk in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canWriteTemp,
    async fn() {
      await using folder = await tempDir();
      await fn(folder.path);
    },
  });
}

/** Names in a folder. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

async function codeOf(failing: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(failing, TransferError)).code;
}

/** Receives a whole file. */
async function receive(received: string, name = WANTED.name): Promise<string> {
  const sink = await denoDisk(received).receive({ ...WANTED, name });
  for (let i = sink.leaves; i < 3; i++) await sink.write(i, leafOf(CONTENT, i));
  return await sink.finish();
}

test("denoDisk() reads a file leaf by leaf", async (folder) => {
  const path = `${folder}/photo.jpg`;
  await Deno.writeFile(path, CONTENT);
  const source = await denoDisk(folder).open(path);
  assertEquals([source.name, source.bytes], ["photo.jpg", CONTENT.length]);
  for (const i of [2, 0, 1]) assertEquals(await source.read(i), leafOf(CONTENT, i));
  source.close();
});

test("denoDisk() sees that a file has become longer, shorter or newer", async (folder) => {
  const path = `${folder}/a`;
  await Deno.writeFile(path, CONTENT);
  await Deno.utime(path, 1, 1);
  const source = await denoDisk(folder).open(path);
  const stamps = [await source.stamp()];
  await Deno.utime(path, 1, 2);
  stamps.push(await source.stamp());
  await Deno.truncate(path, LEAF_BYTES + 1);
  await Deno.utime(path, 1, 1);
  stamps.push(await source.stamp());
  assertEquals(new Set(stamps).size, 3);
  assertEquals((await source.read(1)).length, 1);
  assertEquals((await source.read(2)).length, 0);
  source.close();
});

test("denoDisk() reads files only", async (folder) => {
  const disk = denoDisk(folder);
  assertEquals(await codeOf(() => disk.open(folder)), "cannot-read");
  assertEquals(await codeOf(() => disk.open(`${folder}/none`)), "cannot-read");
});

test("denoDisk() hides what is not whole, and keeps it to its owner", async (folder) => {
  const received = `${folder}/received`;
  const sink = await denoDisk(received).receive(WANTED);
  await sink.write(0, leafOf(CONTENT, 0));
  const [name, ...others] = await namesIn(received);
  assert(name!.startsWith(".parley-") && name!.endsWith(`-${CONTENT.length}.part`), name);
  assertEquals(others, []);
  if (Deno.build.os !== "windows") {
    assertEquals((await Deno.stat(received)).mode! & 0o777, 0o700);
    assertEquals((await Deno.stat(`${received}/${name}`)).mode! & 0o777, 0o600);
  }
  sink.close();
});

test("denoDisk() gives a whole file its name, and nothing else is left", async (folder) => {
  const received = `${folder}/received`;
  const path = await receive(received);
  assertEquals(path, `${received}/photo.jpg`);
  assertEquals(await Deno.readFile(path), CONTENT);
  assertEquals(await namesIn(received), ["photo.jpg"]);
});

test("denoDisk() waits for the disk at the end, for the file and for its folder", async (folder) => {
  using syncs = recordSyncs();
  const sink = await denoDisk(folder).receive({ ...WANTED, bytes: 0 });
  await sink.finish();
  const ofFolder = Deno.build.os === "windows" ? [] : ["sync"];
  assertEquals(syncs.calls, ["sync", ...ofFolder]);
});

test("denoDisk() finds a partial file again by its content, and takes off what is no whole leaf", async (folder) => {
  const disk = denoDisk(folder);
  const sink = await disk.receive(WANTED);
  await sink.write(0, leafOf(CONTENT, 0));
  await sink.write(1, leafOf(CONTENT, 1).slice(0, 99));
  sink.close();
  const again = await disk.receive({ ...WANTED, name: "other.jpg" });
  assertEquals(again.leaves, 1);
  assertEquals(await again.read(0), leafOf(CONTENT, 0));
  await again.write(1, leafOf(CONTENT, 1));
  await again.write(2, leafOf(CONTENT, 2));
  again.close();
  const whole = await disk.receive(WANTED);
  assertEquals(whole.leaves, 3);
  assertEquals(await whole.read(2), leafOf(CONTENT, 2));
  whole.close();
  const other = await disk.receive({ ...WANTED, root: new Uint8Array(32) });
  assertEquals(other.leaves, 0);
  await other.discard();
});

test("denoDisk() takes off what a partial file has too much", async (folder) => {
  const disk = denoDisk(folder);
  (await disk.receive(WANTED)).close();
  const [name] = await namesIn(folder);
  await Deno.writeFile(`${folder}/${name}`, contentOf(9 * LEAF_BYTES));
  const sink = await disk.receive(WANTED);
  assertEquals(sink.leaves, 3);
  for (let i = 0; i < 3; i++) await sink.write(i, leafOf(CONTENT, i));
  assertEquals(await Deno.readFile(await sink.finish()), CONTENT);
});

test("denoDisk() names no file that is too short", async (folder) => {
  const sink = await denoDisk(folder).receive(WANTED);
  await sink.write(0, leafOf(CONTENT, 0));
  assertEquals(await codeOf(() => sink.finish()), "cannot-save");
  sink.close();
  assertEquals((await namesIn(folder)).length, 1);
});

test("denoDisk() leaves no empty file behind when a whole one can't get its name", async (folder) => {
  const sink = await denoDisk(folder).receive(WANTED);
  for (let i = 0; i < 3; i++) await sink.write(i, leafOf(CONTENT, i));
  const [partial] = await namesIn(folder);
  await Deno.remove(`${folder}/${partial}`);
  assertEquals(await codeOf(() => sink.finish()), "cannot-save");
  assertEquals(await namesIn(folder), []);
  sink.close();
});

test("denoDisk() lets one transfer at a time write a file", async (folder) => {
  const disk = denoDisk(folder);
  const sink = await disk.receive(WANTED);
  assertEquals(await codeOf(() => disk.receive(WANTED)), "file-in-use");
  sink.close();
  (await disk.receive(WANTED)).close();
});

test("denoDisk() never overwrites, whatever has the name", async (folder) => {
  await Deno.writeTextFile(`${folder}/photo.jpg`, "mine");
  await Deno.mkdir(`${folder}/photo (2).jpg`);
  const path = await receive(folder);
  assertEquals(path, `${folder}/photo (3).jpg`);
  assertEquals(await Deno.readTextFile(`${folder}/photo.jpg`), "mine");
});

test("denoDisk() tries a thousand names, and looks for a file under as many", async (folder) => {
  const disk = denoDisk(folder);
  const wanted = { ...WANTED, bytes: 0 };
  await Deno.writeTextFile(`${folder}/photo.jpg`, "");
  for (let i = 2; i < 1000; i++) await Deno.writeTextFile(`${folder}/photo (${i}).jpg`, "");
  const last = await (await disk.receive(wanted)).finish();
  assertEquals(last, `${folder}/photo (1000).jpg`);
  const sink = await disk.receive(wanted);
  assertEquals(await codeOf(() => sink.finish()), "cannot-save");
  await Deno.writeTextFile(`${folder}/photo (1001).jpg`, "");
  assertEquals((await disk.finished(wanted)).at(-1), last);
});

test("denoDisk() lists what a file may have become, by its length", async (folder) => {
  const disk = denoDisk(folder);
  assertEquals(await disk.finished(WANTED), []);
  const first = await receive(folder);
  await Deno.writeTextFile(`${folder}/photo (2).jpg`, "of another length");
  const third = await receive(folder);
  await Deno.writeFile(`${folder}/photo (5).jpg`, CONTENT);
  assertEquals(await disk.finished(WANTED), [first, third]);
});

test("denoDisk() writes into no file that has its name already, though a killed client left the other one", async (folder) => {
  const path = await receive(folder);
  const root = WANTED.root.toHex();
  const partial = `${folder}/.parley-${root}-${WANTED.bytes}.part`;
  await Deno.link(path, partial);
  const sink = await denoDisk(folder).receive(WANTED);
  assertEquals(sink.leaves, 0);
  await sink.write(0, new Uint8Array(LEAF_BYTES).fill(7));
  sink.close();
  assertEquals(await Deno.readFile(path), CONTENT);
});

test("denoDisk() removes what is given up", async (folder) => {
  const sink = await denoDisk(folder).receive(WANTED);
  await sink.write(0, leafOf(CONTENT, 0));
  await sink.discard();
  assertEquals(await namesIn(folder), []);
});

test("denoDisk() names a file once when it can't read or write it, and as the person knows it", async (folder) => {
  const { message } = await assertRejects(
    () => denoDisk(folder).open(`${folder}/none`),
    TransferError,
  );
  assertEquals(message.replace(/: [^:]*$/, ""), `cannot read ${folder}/none`);
  await Deno.mkdir(`${folder}/blocked`);
  await Deno.writeTextFile(`${folder}/blocked/received`, "a file in the way");
  const disk = denoDisk(`${folder}/blocked/received`);
  const failure = await assertRejects(() => disk.receive(WANTED), TransferError);
  assertEquals(
    failure.message.replace(/: [^:]*$/, ""),
    `cannot write ${folder}/blocked/received/photo.jpg`,
  );
});

test("denoDisk() says what to do when it can't write", async (folder) => {
  await Deno.writeTextFile(`${folder}/received`, "a file in the way");
  const disk = denoDisk(`${folder}/received`);
  assertEquals(await codeOf(() => disk.receive(WANTED)), "cannot-save");
});

test("denoDisk() tells a full disk from one that fails", async (folder) => {
  const sink = await denoDisk(folder).receive(WANTED);
  const { write } = Deno.FsFile.prototype;
  try {
    for (
      const [reason, code] of [
        ["ENOSPC", "disk-full"],
        ["EDQUOT", "disk-full"],
        ["EIO", "cannot-save"],
      ] as const
    ) {
      const failure = Object.assign(new Error("no"), { code: reason });
      Deno.FsFile.prototype.write = () => Promise.reject(failure);
      assertEquals(await codeOf(() => sink.write(0, leafOf(CONTENT, 0))), code);
    }
  } finally {
    Deno.FsFile.prototype.write = write;
    sink.close();
  }
});

import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type Bytes, concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { hkdf } from "../../lib/crypto/hash.ts";
import { boxKey, openBox, sealBox } from "../../lib/crypto/secret_box.ts";
import { u32, u64 } from "../../lib/protocol/codec.ts";
import { pad, unpad } from "../../lib/protocol/padding.ts";
import { type ProfileCode, ProfileError } from "../../lib/profile/errors.ts";
import { Journal, MAX_APPEND_BYTES } from "../../lib/profile/journal.ts";
import { JournalSeal } from "../../lib/profile/journal_file.ts";
import { MacKey, MIN_SEALED_BYTES } from "../../lib/profile/secret.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { Crash, MemoryFiles } from "./memory_files.ts";

const PATH = "/p/work.journal";
const KEY = new MacKey(new Uint8Array(32).fill(7));
const HEADER_BYTES = 64;
/** Of one short record. */
const FRAME_BYTES = 4 + 4 + 16 + 1024 + 32;

const random = seededRandom("journal");

function open(
  files: MemoryFiles,
  key = KEY,
): Promise<{ journal: Journal; records: Bytes[] }> {
  return Journal.open({ folder: "/p", name: "work", files, random, key });
}

/** The records of a journal as texts. */
async function read(files: MemoryFiles): Promise<string[]> {
  const { journal, records } = await open(files);
  journal.close();
  return texts(records);
}

function texts(records: readonly Bytes[]): string[] {
  return records.map((record) => new TextDecoder().decode(record));
}

/** A disk with this file for a journal. */
function diskOf(bytes: Bytes): MemoryFiles {
  return new MemoryFiles(new Map([[PATH, bytes]]));
}

/** A disk with a journal of these records, each in a frame of its own. */
async function written(...records: string[]): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  const { journal } = await open(files);
  for (const record of records) await journal.append([utf8(record)]);
  journal.close();
  return files;
}

/** The header and the frames of a file in which every frame has one short record. */
function partsOf(bytes: Bytes): Bytes[] {
  const parts = [bytes.slice(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length; at += FRAME_BYTES) {
    parts.push(bytes.slice(at, at + FRAME_BYTES));
  }
  return parts;
}

/** The IV of each frame. */
function ivsOf(bytes: Bytes): string[] {
  const ivs: string[] = [];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    ivs.push(bytes.slice(at + 8, at + 24).toHex());
    at += 8 + new DataView(bytes.buffer, at).getUint32(0);
  }
  return ivs;
}

/** Asserts that something fails with a code. */
async function assertFails(
  code: ProfileCode,
  action: () => Promise<unknown>,
  what?: string,
): Promise<void> {
  const error = await assertRejects(action, ProfileError, undefined, what);
  assertEquals(error.code, code, `${what}: ${error.message}`);
}

/** Every seventh number below `end`, all at the beginning, and those around the ends of frames and at the end. */
function* sampled(end: number): Iterable<number> {
  for (let at = 0; at < end; at++) {
    const isNearEdge = Math.abs((at - HEADER_BYTES + 2) % FRAME_BYTES) < 5;
    if (at % 7 === 0 || at < HEADER_BYTES || isNearEdge || at > end - 3) yield at;
  }
}

Deno.test("Journal.open() gives what append() was given, in order, byte for byte", async () => {
  const files = new MemoryFiles();
  const { journal, records } = await open(files);
  assertEquals(records, []);
  const long = random(300_000);
  const all = [utf8("one"), new Uint8Array(), long, utf8("two"), new Uint8Array(2000)];
  await journal.append(all.slice(0, 2));
  const { size } = journal;
  await journal.append([]);
  assertEquals(journal.size, size, "nothing takes no room");
  await journal.append(all.slice(2));
  assertEquals(journal.size, files.get(PATH).length);
  journal.close();
  const again = await open(files);
  assertEquals(again.records, all);
  await again.journal.append([utf8("three")]);
  again.journal.close();
  assertEquals((await open(files)).records, [...all, utf8("three")]);
});

Deno.test("Journal writes its header in its place all at once, and then adds one write an append", async () => {
  const files = await written("one", "two");
  assertEquals(files.done, [
    `remove ${PATH}.new`,
    `write ${PATH}.new`,
    `rename ${PATH}.new ${PATH}`,
    "sync /p",
    `append ${PATH}`,
    `append ${PATH}`,
  ]);
  assertEquals(files.opened, 0);
  files.done.length = 0;
  (await open(files)).journal.close();
  assertEquals(files.done, [], "one that is whole is only read");
});

Deno.test("Journal.append() takes calls that wait for one another into one write, in order", async () => {
  const files = new MemoryFiles();
  const { journal } = await open(files);
  files.done.length = 0;
  const resolved: string[] = [];
  const append = async (...records: string[]) => {
    await journal.append(records.map(utf8));
    resolved.push(...records);
  };
  const first = [append("1"), append("2", "3"), append()];
  // While these are written, more come, in turns of their own.
  await Promise.resolve().then(() => {}).then(() => {});
  const second = [append("4")];
  await Promise.resolve();
  second.push(append("5"), append("6"));
  await Promise.all([...first, ...second]);
  assertEquals(files.done, [`append ${PATH}`, `append ${PATH}`]);
  assertEquals(resolved, ["1", "2", "3", "4", "5", "6"]);
  assertEquals(await read(files), resolved);
});

Deno.test("Journal.append() closes a group that would make its first call wait for long", async () => {
  const files = new MemoryFiles();
  const { journal } = await open(files);
  files.done.length = 0;
  const append = (bytes: number) => journal.append([new Uint8Array(bytes)]);
  const most = 256 * 1024;
  // A record takes four bytes more.
  await Promise.all([append(most - 5), append(0)]);
  assertEquals(files.done.length, 1);
  await Promise.all([append(most - 4), append(0)]);
  assertEquals(files.done.length, 3);
  assertEquals((await open(files)).records.length, 4);
});

Deno.test("Journal.append() resolves when its records are on the disk, and copies them at the call", async () => {
  const files = new MemoryFiles();
  const { journal } = await open(files);
  const record = utf8("mine");
  const done = journal.append([record]);
  record.fill(0);
  assertEquals(await read(files), []);
  await done;
  assertEquals(await read(files), ["mine"]);
});

Deno.test("Journal.append() refuses more than fits into memory, and goes on", async () => {
  const { journal } = await open(new MemoryFiles());
  const record = new Uint8Array(MAX_APPEND_BYTES - 3);
  await assertRejects(() => journal.append([record]), RangeError);
  await assertRejects(() => journal.rewrite([record]), RangeError);
  await journal.append([utf8("small")]);
});

Deno.test("a journal does not tell how long its short records are", async () => {
  const sizes = await Promise.all(
    ["", "yes", "x".repeat(900)].map(async (text) => (await written(text)).get(PATH).length),
  );
  assertEquals(sizes, sizes.map(() => HEADER_BYTES + FRAME_BYTES));
});

Deno.test("a journal has the format of docs/PROFILES.md", async () => {
  const files = await written("one", "two");
  const [header, ...frames] = partsOf(files.get(PATH));
  assertEquals(header!.subarray(0, 16), utf8("parley-journal\n\x01"));
  const id = header!.subarray(16, 32);
  const keys = await hkdf(KEY.exportSecret(), id, utf8("parley-1 journal"), 96);
  assertEquals(header!.subarray(32), keys.subarray(64));
  let previous = header!.subarray(-32);
  for (const [number, text] of ["one", "two"].entries()) {
    const frame = frames[number]!;
    const length = FRAME_BYTES - 8;
    assertEquals(frame.subarray(0, 8), concatBytes(u32(length), u32(0xffff_ffff - length)));
    const bound = concatBytes(header!, u64(number), previous);
    const plaintext = await openBox(boxKey(keys.slice(0, 64)), bound, frame.subarray(8));
    assertEquals(unpad(plaintext!, MIN_SEALED_BYTES), concatBytes(u32(1), u32(3), utf8(text)));
    previous = frame.subarray(-32);
  }
});

Deno.test("Journal gives each frame an IV of its own, added or rewritten", async () => {
  const files = await written("one", "one");
  const { journal } = await open(files);
  const ivs = ivsOf(files.get(PATH));
  await journal.rewrite([new Uint8Array(200_000), new Uint8Array(200_000)]);
  ivs.push(...ivsOf(files.get(PATH)));
  assertEquals([ivs.length, new Set(ivs).size], [4, 4]);
  assert(!ivs.includes("00".repeat(16)));
});

Deno.test("a frame that is sealed well and has another form is refused", async () => {
  const header = (await written()).get(PATH);
  const keys = await hkdf(KEY.exportSecret(), header.slice(16, 32), utf8("parley-1 journal"), 96);
  const bound = concatBytes(header, u64(0), header.subarray(-32));
  const one = concatBytes(u32(1), u32(3), utf8("one"));
  for (
    const [plaintext, isFine] of [
      [pad(one, MIN_SEALED_BYTES), true],
      [pad(concatBytes(one, u32(0)), MIN_SEALED_BYTES), false],
      [pad(one.slice(0, -1), MIN_SEALED_BYTES), false],
      [pad(u32(0xffff_ffff), MIN_SEALED_BYTES), false],
      [one, false],
    ] as const
  ) {
    const box = await sealBox(boxKey(keys.slice(0, 64)), random(16), bound, plaintext);
    const lengths = [u32(box.length), u32(0xffff_ffff - box.length)];
    const files = diskOf(concatBytes(header, ...lengths, box));
    if (isFine) assertEquals(await read(files), ["one"]);
    else await assertFails("profile-tampered", () => open(files), plaintext.toHex());
  }
});

Deno.test("a journal's keys are its own: not another journal's, another profile's or the generation's", async () => {
  const [id, other] = [random(16), random(16)];
  const header = async (key: MacKey, id: Bytes) => (await JournalSeal.derive(key, id)).header;
  const first = await header(KEY, id);
  assertEquals(await header(KEY, id), first);
  const strangers = new MacKey(new Uint8Array(32).fill(8));
  for (const another of [await header(KEY, other), await header(strangers, id)]) {
    assertNotEquals(another.subarray(-32), first.subarray(-32));
  }
  assertNotEquals(await KEY.derive(id, "parley-1 journal", 32), await KEY.derive(id, "x", 32));
  const seal = await JournalSeal.derive(KEY, id);
  const secret = (await KEY.derive(id, "parley-1 journal", 64)).toHex();
  assert(!Deno.inspect(seal, { depth: 9 }).includes(secret.slice(0, 16)));
  assertEquals(Object.keys(seal).sort(), ["header", "start"]);
});

heavyTest("a journal cut at any byte has the whole frames before it, and goes on", async () => {
  const all = ["one", "two", "three"];
  const bytes = (await written(...all)).get(PATH);
  for (const length of sampled(bytes.length + 1)) {
    const files = diskOf(bytes.slice(0, length));
    if (length < HEADER_BYTES) {
      // The header came by a rename, so no crash leaves half of it.
      await assertFails("profile-tampered", () => open(files), `${length}`);
      continue;
    }
    const whole = Math.floor((length - HEADER_BYTES) / FRAME_BYTES);
    const { journal, records } = await open(files);
    assertEquals(texts(records), all.slice(0, whole), `${length}`);
    assertEquals(files.get(PATH), bytes.slice(0, HEADER_BYTES + whole * FRAME_BYTES));
    assertEquals(journal.size, files.get(PATH).length);
    if (length % 37 === 0) {
      await journal.append([utf8("next")]);
      assertEquals(await read(files), [...all.slice(0, whole), "next"], `${length}`);
    }
    journal.close();
  }
});

heavyTest("a journal with any byte changed is refused, and nothing in it is skipped", async () => {
  const bytes = (await written("one", "two", "three")).get(PATH);
  for (const at of sampled(bytes.length)) {
    const files = diskOf(bytes.with(at, bytes[at]! ^ (1 << at % 8)));
    const before = files.get(PATH);
    await assertFails(
      at === 15 ? "profile-version" : "profile-tampered",
      () => open(files),
      `${at}`,
    );
    assertEquals(files.get(PATH), before, "it is left as it is");
  }
});

heavyTest("a last frame that is zeros from a sector on was not written to its end", async () => {
  const bytes = (await written("one", "two")).get(PATH);
  const last = HEADER_BYTES + FRAME_BYTES;
  for (
    let from = last;
    from < bytes.length;
    from += from % 512 < 4 || from > bytes.length - 4 ? 1 : 5
  ) {
    const files = diskOf(bytes.slice().fill(0, from));
    if (from <= Math.floor(bytes.length / 512) * 512) {
      assertEquals(await read(files), ["one"], `${from}`);
      assertEquals(files.get(PATH).length, last);
    } else await assertFails("profile-tampered", () => open(files), `${from}`);
  }
  const zeros = new Uint8Array(5000);
  assertEquals(await read(diskOf(concatBytes(bytes, zeros))), ["one", "two"]);
  assertEquals(await read(diskOf(concatBytes(bytes.slice(0, -500), zeros))), ["one"]);
});

Deno.test("a frame in the middle that is zeros is refused", async () => {
  const bytes = (await written("one", "two", "three")).get(PATH);
  for (const [from, end] of [[2, 3], [0, 8], [0, FRAME_BYTES], [8, FRAME_BYTES], [500, 1012]]) {
    const at = HEADER_BYTES + FRAME_BYTES;
    const files = diskOf(bytes.slice().fill(0, at + from!, at + end!));
    await assertFails("profile-tampered", () => open(files), `${from}`);
  }
});

Deno.test("a journal with frames moved, repeated, left out or of another journal is refused", async () => {
  const [header, a, b, c] = partsOf((await written("one", "two", "three")).get(PATH));
  const [otherHeader, x, y] = partsOf((await written("one", "two", "three")).get(PATH));
  for (
    const [what, ...parts] of [
      ["moved", header, b, a, c],
      ["repeated", header, a, a, b, c],
      ["repeated at the end", header, a, b, c, c],
      ["the first left out", header, b, c],
      ["one left out", header, a, c],
      ["another journal's frame", header, a, y, c],
      ["another journal's last frame", header, a, b, x],
      ["another journal's header", otherHeader, a, b, c],
      ["a frame before the first", header, x, a, b, c],
    ] as const
  ) {
    const files = diskOf(concatBytes(...parts.map((part) => part!)));
    await assertFails("profile-tampered", () => open(files), what);
  }
});

Deno.test("a journal whose end was cut off and grew again takes no frame of its first end", async () => {
  const files = await written("one", "two", "three");
  const [header, a, , c] = partsOf(files.get(PATH));
  files.files.set(PATH, concatBytes(header!, a!));
  const { journal } = await open(files);
  await journal.append([utf8("another two")]);
  journal.close();
  files.files.set(PATH, concatBytes(files.get(PATH), c!));
  await assertFails("profile-tampered", () => open(files));
});

Deno.test("Journal can't tell that its last frames were cut off: the limit that is documented", async () => {
  const files = await written("one", "two");
  files.files.set(PATH, files.get(PATH).slice(0, HEADER_BYTES + FRAME_BYTES));
  assertEquals(await read(files), ["one"]);
  files.files.delete(PATH);
  assertEquals(await read(files), []);
});

Deno.test("Journal.open() refuses another profile's journal, an empty one, too", async () => {
  for (const files of [await written(), await written("one")]) {
    await assertFails("profile-tampered", () => open(files, new MacKey(new Uint8Array(32))));
  }
});

heavyTest("Journal.append() leaves all as it was on a full disk, and goes on", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  const before = files.get(PATH);
  for (const free of sampled(FRAME_BYTES)) {
    files.capacity = before.length + free;
    const appends = [journal.append([utf8("two")]), journal.append([utf8("three")])];
    for (const append of appends) await assertFails("disk-full", () => append);
    assertEquals(files.get(PATH), before);
  }
  assertEquals(journal.size, before.length);
  files.capacity = before.length + FRAME_BYTES;
  await journal.append([utf8("four")]);
  assertEquals(await read(files), ["one", "four"]);
});

Deno.test("Journal.append() cuts what a failure left before it adds more, however late that succeeds", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  files.capacity = files.get(PATH).length + 500;
  files.refused = /^truncate/;
  await assertFails("disk-full", () => journal.append([utf8("two")]));
  assertEquals(files.get(PATH).length, files.capacity);
  files.capacity = Infinity;
  await assertFails("cannot-save", () => journal.append([utf8("three")]));
  assertEquals(await read(diskOf(files.get(PATH))), ["one"]);
  files.refused = null;
  await journal.append([utf8("four")]);
  assertEquals(await read(files), ["one", "four"]);
});

Deno.test("Journal.append() takes back what could not be synced", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  files.refused = /^append/;
  await assertFails("cannot-save", () => journal.append([utf8("two")]));
  assertEquals(await read(diskOf(files.get(PATH))), ["one"]);
  files.refused = null;
  await journal.append([utf8("three")]);
  assertEquals(await read(files), ["one", "three"]);
});

Deno.test("Journal.rewrite() leaves exactly its records, in a new journal, and appends follow", async () => {
  const files = await written("one", "two", "three");
  const before = files.get(PATH);
  const { journal } = await open(files);
  await journal.append([utf8("four")]);
  files.done.length = 0;
  await journal.rewrite(["three", "four"].map(utf8));
  await journal.append([utf8("five")]);
  assertEquals(files.done, [
    `remove ${PATH}.new`,
    `write ${PATH}.new`,
    `rename ${PATH}.new ${PATH}`,
    "sync /p",
    `append ${PATH}`,
  ]);
  assertEquals(journal.size, HEADER_BYTES + 2 * FRAME_BYTES);
  assertEquals(files.get(PATH).length, journal.size);
  assertNotEquals(files.get(PATH).subarray(16, 32), before.subarray(16, 32));
  journal.close();
  assertEquals(files.opened, 0);
  assertEquals(await read(files), ["three", "four", "five"]);
});

heavyTest("Journal.rewrite() parts many records into frames, and can leave none", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  const records = Array.from({ length: 70_000 }, (_, i) => u32(i));
  await journal.rewrite([random(600_000), ...records]);
  assert(journal.size < 1_300_000, `${journal.size}`);
  const opened = (await open(files)).records;
  assertEquals(opened.length, 70_001);
  assertEquals(opened[70_000], u32(69_999));
  await journal.rewrite([]);
  assertEquals([journal.size, await read(files)], [HEADER_BYTES, []]);
});

Deno.test("Journal.rewrite() replaces the appends before it, and the ones after it follow, unawaited", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  await Promise.all([
    journal.append([utf8("two")]),
    journal.rewrite([utf8("new")]),
    journal.append([utf8("three")]),
    journal.append([utf8("four")]),
    journal.rewrite([utf8("newer")]),
    journal.append([utf8("five")]),
  ]);
  assertEquals(await read(files), ["newer", "five"]);
});

heavyTest("a crash at any byte of a rewrite leaves the old journal or the new one", async () => {
  const before = await written("one", "two");
  const seen = { old: 0, new: 0 };
  const crashes = [
    ...Array.from({ length: 6 }, (_, changesLeft) => ({ changesLeft })),
    ...Array.from({ length: 60 }, (_, i) => ({ bytesLeft: 19 * i })),
  ];
  for (const crash of crashes) {
    const files = new MemoryFiles(before.files);
    const { journal } = await open(files);
    await journal.append([utf8("three")]);
    Object.assign(files, crash);
    const isDone = await journal.rewrite([utf8("new")]).then(() => true, () => false);
    const after = new MemoryFiles(files.files);
    const left = await read(after);
    if (left.length === 1) assertEquals(left, ["new"], `${seen.new++}`);
    else assertEquals(left, ["one", "two", "three"], `${seen.old++}`);
    assert(!isDone || left.length === 1);
    // And it goes on from there.
    const again = await open(after);
    await again.journal.rewrite([utf8("newest")]);
    assertEquals([await read(after), [...after.files.keys()]], [["newest"], [PATH]]);
  }
  assert(seen.old >= 60 && seen.new >= 2, JSON.stringify(seen));
});

Deno.test("Journal.rewrite() leaves the old journal when the disk is full, and that one goes on", async () => {
  const files = await written("one", "two");
  const { journal } = await open(files);
  for (const free of [0, 10, HEADER_BYTES + 5, HEADER_BYTES + FRAME_BYTES - 1]) {
    files.capacity = files.get(PATH).length + free;
    await assertFails("disk-full", () => journal.rewrite([utf8("new")]));
    assertEquals([...files.files.keys()], [PATH], "no litter");
  }
  files.capacity = Infinity;
  await journal.append([utf8("three")]);
  assertEquals(await read(files), ["one", "two", "three"]);
});

Deno.test("Journal promises nothing before the new file's name is on the disk", async () => {
  const files = await written("one");
  const { journal } = await open(files);
  files.refused = /^sync/;
  await assertFails("cannot-save", () => journal.rewrite([utf8("new")]));
  await assertFails("cannot-save", () => journal.append([utf8("two")]));
  files.refused = null;
  files.done.length = 0;
  await journal.append([utf8("three")]);
  assertEquals(files.done, ["sync /p", `append ${PATH}`]);
  assertEquals(await read(files), ["new", "three"]);
});

Deno.test("Journal.close() refuses what did not have its turn, and lets the rest end", async () => {
  const files = new MemoryFiles();
  const { journal } = await open(files);
  const first = journal.append([utf8("one")]);
  await Promise.resolve().then(() => {}).then(() => {});
  const second = journal.append([utf8("two")]);
  const refused = assertRejects(() => second, TypeError);
  journal.close();
  journal.close();
  await Promise.all([first, refused]);
  await assertRejects(() => journal.append([utf8("three")]), TypeError);
  await assertRejects(() => journal.rewrite([]), TypeError);
  assertEquals([files.opened, await read(files)], [0, ["one"]]);
});

heavyTest("a journal holds what it promised through full disks and crashes", async () => {
  const below = (n: number) => new DataView(random(4).buffer).getUint32(0) % n;
  let files = new MemoryFiles();
  /** What has to be there, and what may be there behind it. */
  let [sure, maybe]: [string[], string[][]] = [[], []];
  const seen = { crashed: 0, full: 0, reopened: 0, kept: 0 };
  let { journal } = await open(files);
  for (let step = 0; step < 700; step++) {
    if (below(6) === 0) files.bytesLeft = below(3000);
    if (below(5) === 0) {
      const used = files.files.values().reduce((sum, { length }) => sum + length, 0);
      files.capacity = used + below(2500);
    }
    const records = Array.from({ length: below(4) }, (_, i) => `${step}.${i}`);
    const isRewrite = below(12) === 0;
    const after = isRewrite ? records : [...sure, ...records];
    try {
      await (isRewrite ? journal.rewrite(records.map(utf8)) : journal.append(records.map(utf8)));
      [sure, maybe] = [after, []];
    } catch (error) {
      assert(error instanceof ProfileError || error instanceof Crash, `${error}`);
      if (error instanceof ProfileError && error.code === "disk-full") seen.full++;
      else maybe = [after];
    }
    if (files.changesLeft < 0) seen.crashed++;
    if (files.changesLeft < 0 || below(10) === 0) {
      journal.close();
      files = new MemoryFiles(files.files);
      const opened = await open(files);
      const left = texts(opened.records);
      if (left.join() !== sure.join()) {
        assertEquals([left], maybe, `${step}: ${seen.kept++}`);
        sure = left;
      }
      [journal, maybe] = [opened.journal, []];
      seen.reopened++;
    }
    files.capacity = Infinity;
  }
  assert(seen.crashed > 25 && seen.full > 10 && seen.reopened > 50, JSON.stringify(seen));
});

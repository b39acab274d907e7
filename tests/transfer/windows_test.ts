import { assert, assertEquals, assertRejects } from "@std/assert";
import { BLOCK_BYTES } from "../../lib/crypto/aes_cfb.ts";
import { type Bytes, concatBytes, toHex } from "../../lib/crypto/bytes.ts";
import { sealBox } from "../../lib/crypto/secret_box.ts";
import { WireError } from "../../lib/errors.ts";
import { LEAF_BYTES } from "../../lib/protocol/constants.ts";
import { frameKeys, frameLength, sealFrame } from "../../lib/protocol/frame.ts";
import type { Offer } from "../../lib/protocol/offer.ts";
import type { FileGet, FileSignal } from "../../lib/protocol/signal.ts";
import type { TransferInput } from "../../lib/transfer/machine.ts";
import { type Wanting, Windows } from "../../lib/transfer/windows.ts";
import { flipBit } from "../helpers/mutants.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

const SESSION = new Uint8Array(32).fill(1);
const random = seededRandom("windows");

/** A file of so many leaves, whose content nobody looks at. */
class FakeFile implements Wanting {
  readonly peer = "bob";
  readonly offer: Offer;
  readonly taken: number[] = [];

  constructor(leaves: number, id = 1) {
    const root = new Uint8Array(32).fill(2);
    this.offer = { id: new Uint8Array(16).fill(id), name: "a", bytes: leaves * LEAF_BYTES, root };
  }

  post(input: TransferInput): Promise<void> {
    if (input.type === "leaf") this.taken.push(input.index);
    return Promise.resolve();
  }

  work(): void {}
}

/** Windows, and what they asked for. */
class World {
  readonly gets: FileGet[] = [];
  now = 0;
  /** What waits for its time, with that. */
  timer: { after: number; ring: () => void } | null = null;
  readonly windows = new Windows({
    now: () => this.now,
    random,
    after: (after, ring) => {
      const timer = { after, ring };
      this.timer = timer;
      return () => {
        if (this.timer === timer) this.timer = null;
      };
    },
    send: (_peer, signal: FileSignal) => {
      assert(signal.type === "file-get");
      this.gets.push(signal);
      return Promise.resolve();
    },
  });

  constructor() {
    this.windows.begin(SESSION);
  }

  /** The windows that were asked for since the last look. */
  asked(): string[] {
    return this.gets.splice(0).map(({ from, until }) => `${from}-${until}`);
  }
}

/** The frame of a leaf in a window, as the peer makes it; without a proof, where the tree has one leaf. */
function frame(
  { offer }: FakeFile,
  get: FileGet,
  index: number,
  session = SESSION,
): Promise<Bytes> {
  const depth = Math.ceil(Math.log2(offer.bytes / LEAF_BYTES));
  const proof = Array.from({ length: depth }, () => new Uint8Array(32));
  const leaf = { proof, data: new Uint8Array(LEAF_BYTES) };
  return sealFrame(frameKeys(session, offer, get), index - get.from, leaf, random);
}

/** A file of 64 leaves, and the window of its first four. */
function begun() {
  const world = new World();
  const file = new FakeFile(64);
  world.windows.ask(file, 0, 0);
  const [get] = world.gets;
  assertEquals(world.asked(), ["0-4"]);
  return { world, file, get: get! };
}

async function codeOf(world: World, bytes: Uint8Array): Promise<string | null> {
  return (await world.windows.frame(bytes))?.code ?? null;
}

Deno.test("Windows asks for four leaves, and for more as windows come quickly and leaves are written", async () => {
  const { world, file, get } = begun();
  assertEquals(await codeOf(world, await frame(file, get, 0)), null);
  assertEquals(file.taken, [0]);
  world.windows.wrote(file, 1);
  // Eight may be in flight now.
  assertEquals(world.asked(), ["4-9"]);
  world.windows.wrote(file, 2);
  assertEquals(world.asked(), []);
  world.windows.wrote(file, 3);
  assertEquals(world.asked(), ["9-11"]);
});

Deno.test("Windows brings a fresh key for each window, and says what is written", () => {
  const world = new World();
  const file = new FakeFile(64);
  world.windows.ask(file, 3, 5);
  world.windows.ask(file, 4, 5);
  const [first, second] = world.gets;
  assertEquals([first!.kept, second!.kept, second!.from], [3, 4, 5]);
  assert(toHex(first!.key) !== toHex(second!.key));
});

Deno.test("Windows gives files leaves by turns, and all together no more than may be in flight", () => {
  const world = new World();
  const files = [new FakeFile(64, 1), new FakeFile(64, 2)];
  for (const file of files) world.windows.ask(file, 0, 0);
  world.windows.wrote(files[0]!, 1);
  world.windows.wrote(files[0]!, 2);
  const asked = world.gets.map(({ id, from, until }) => [id[0], from, until]);
  assertEquals(asked, [[1, 0, 4], [1, 4, 5], [2, 0, 1]]);
  // What a file that is dropped had in flight is free for others.
  world.gets.length = 0;
  world.windows.drop(files[0]!);
  assertEquals(world.asked(), ["1-4"]);
});

Deno.test("Windows refuses a frame of an unknown label, a forged one, and one that came before", async () => {
  const { world, file, get } = begun();
  const honest = await frame(file, get, 0);
  assertEquals(await codeOf(world, flipBit(honest, 9)), "bad-message");
  assertEquals(await codeOf(world, flipBit(honest, 500)), "bad-message");
  assertEquals(await codeOf(world, honest.slice(0, -1)), "malformed");
  assertEquals(await codeOf(world, honest.slice(0, 100)), "malformed");
  assertEquals(file.taken, []);
  assertEquals(await codeOf(world, honest), null);
  assertEquals(await codeOf(world, honest), "bad-message");
  assertEquals(file.taken, [0]);
  // None of it has changed what is asked for: the first frame has.
  world.windows.wrote(file, 1);
  assertEquals(world.asked(), ["4-9"]);
});

Deno.test("Windows refuses a frame of another file, window or session under the label of one that is open", async () => {
  const { world, file, get } = begun();
  const label = (await frame(file, get, 0)).slice(9, 17);
  const moved = [
    await frame(new FakeFile(64, 9), get, 0),
    await frame(file, { ...get, until: 5 }, 0),
    await frame(file, get, 0, flipBit(SESSION, 0)),
    // In its own window, to another place.
    await frame(file, get, 1).then((bytes) => bytes.fill(0, 17, 21)),
  ];
  for (const bytes of moved) {
    bytes.set(label, 9);
    assertEquals(await codeOf(world, bytes), "bad-message");
  }
  assertEquals(file.taken, []);
});

Deno.test("Windows refuses a frame of another length before its tag, and ends at one that is sealed wrongly", async () => {
  const { world, file, get } = begun();
  const { offer } = file;
  const keys = frameKeys(SESSION, offer, get);
  const short = await sealFrame(keys, 0, { proof: [], data: new Uint8Array(9) }, random);
  assertEquals(await codeOf(world, short), "malformed");
  const header = (await frame(file, get, 0)).slice(0, 21);
  const payload = new Uint8Array(frameLength(LEAF_BYTES, 6) - 21 - 48);
  const box = await sealBox(keys.box, random(BLOCK_BYTES), header, payload);
  const bytes = concatBytes(header, box);
  await assertRejects(() => world.windows.frame(bytes), WireError);
});

Deno.test("Windows asks again from what is missing, once, and drops what was in flight silently", async () => {
  const { world, file, get } = begun();
  await world.windows.frame(await frame(file, get, 0));
  const late = [await frame(file, get, 2), await frame(file, get, 3), await frame(file, get, 1)];
  for (const bytes of late) assertEquals(await codeOf(world, bytes), null);
  assertEquals(world.asked(), ["1-8"]);
  assertEquals(file.taken, [0]);
});

Deno.test("Windows asks again when the end of a window is missing, and the next one begins", async () => {
  const { world, file, get } = begun();
  await world.windows.frame(await frame(file, get, 0));
  world.windows.wrote(file, 1);
  const [next] = world.gets.splice(0);
  for (const index of [1, 2]) await world.windows.frame(await frame(file, get, index));
  assertEquals(next!.from, 4);
  world.gets.length = 0;
  assertEquals(await codeOf(world, await frame(file, next!, 4)), null);
  assertEquals([world.asked(), file.taken], [["3-9"], [0, 1, 2]]);
});

Deno.test("Windows gives a leaf to no file that has ended while it was opened", async () => {
  const { world, file, get } = begun();
  const opening = codeOf(world, await frame(file, get, 0));
  world.windows.drop(file);
  assertEquals([await opening, file.taken], [null, []]);
});

Deno.test("Windows knows the last 64 that were closed, of this session", async () => {
  const { world, file, get } = begun();
  const first = await frame(file, get, 0);
  for (let i = 0; i < 64; i++) world.windows.ask(file, 0, 0);
  assertEquals(await codeOf(world, first), null);
  world.windows.ask(file, 0, 0);
  assertEquals(await codeOf(world, first), "bad-message");
  const last = await frame(file, world.gets.at(-1)!, 0);
  world.windows.begin(SESSION);
  assertEquals(await codeOf(world, last), "bad-message");
});

Deno.test("Windows asks again when no frame comes, after ten seconds, and then twice as many", async () => {
  const { world, file, get } = begun();
  assertEquals(world.timer!.after, 10_000);
  await world.windows.frame(await frame(file, get, 0));
  assertEquals(world.timer!.after, 10_000);
  world.timer!.ring();
  assertEquals([world.asked(), world.timer!.after], [["1-8"], 20_000]);
  world.timer!.ring();
  assertEquals([world.asked(), world.timer!.after], [["1-8"], 40_000]);
  world.windows.drop(file);
  assertEquals(world.timer, null);
});

Deno.test("Windows asks for nothing without a session, and waits for nothing", () => {
  const { world, file } = begun();
  world.windows.begin(null);
  assertEquals(world.timer, null);
  world.windows.wrote(file, 4);
  world.windows.ask(file, 4, 4);
  assertEquals(world.asked(), []);
});

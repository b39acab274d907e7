/**
 * A journal's file: a header in the open, then frames, each of which holds the records of one write, sealed.
 *
 *     file   = header || frame * any
 *     header = "parley-journal\n" || version (1) || id (16) || check (32)
 *     frame  = length of the box (4) || the same, each bit the other way (4) || box
 *     box    = seals count (4) || (length (4) || record) * count, padded as messages are, to 1,024 at least
 *
 *     keys   = HKDF-SHA-256(generation key, salt = id, "parley-1 journal", 96): box key (64) || check (32)
 *     bound to each box: header || number of the frame, from 0 (8) || the last 32 bytes before the frame
 *
 * Those 32 bytes are the tag of the frame before, or `check` in the header. So a frame opens only behind the very
 * frame that it was written behind: what opens as a whole is what the file held at one moment.
 *
 * A frame that is not all there at the end of the file is one that a crash or a full disk stopped: no append of
 * it has resolved, and it is dropped. The length stands there twice so that a damaged one, which points
 * behind the end of the file, is not taken for that.
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes, equalBytes, utf8 } from "../crypto/bytes.ts";
import { SHA256_BYTES } from "../crypto/hash.ts";
import { BOX_KEY_BYTES, type BoxKey, boxKey, openBox, sealBox } from "../crypto/secret_box.ts";
import { WireError } from "../errors.ts";
import { Reader, u32, u64, u8 } from "../protocol/codec.ts";
import { pad, unpad } from "../protocol/padding.ts";
import { ProfileError } from "./errors.ts";
import { type MacKey, MIN_SEALED_BYTES } from "./secret.ts";

/** Bytes of a journal's id. */
export const JOURNAL_ID_BYTES = 16;

/** Bytes of an IV, for {@link JournalSeal.seal}. */
export const IV_BYTES = 16;

const MAGIC = utf8("parley-journal\n");
const VERSION = 1;
const LABEL = "parley-1 journal";
const CHECK_BYTES = SHA256_BYTES;
const HEADER_BYTES = MAGIC.length + 1 + JOURNAL_ID_BYTES + CHECK_BYTES;
const LENGTHS_BYTES = 8;

/** A file system leaves zeros where it had made a file longer, and the data had not come yet: in whole sectors. */
const SECTOR_BYTES = 512;

/** How many frames are opened at a time: enough for every core, and little memory. */
const AT_A_TIME = 64;

/** The position of a frame in its file: what it is bound to. */
export interface FramePosition {
  /** Its number. */
  readonly number: number;
  /** The last 32 bytes before it. */
  readonly previous: Bytes;
}

/** The keys of one journal. They don't print. */
export class JournalSeal {
  /** The first bytes of the file. */
  readonly header: Bytes;
  /** The first frame's position. */
  readonly start: FramePosition;
  readonly #key: BoxKey;

  private constructor(id: Uint8Array, material: Bytes) {
    const check = material.slice(BOX_KEY_BYTES);
    this.header = concatBytes(MAGIC, u8(VERSION), id, check);
    this.start = { number: 0, previous: check };
    this.#key = boxKey(material.slice(0, BOX_KEY_BYTES));
  }

  /**
   * Derives the keys from the profile's generation key, which outlives its passphrase, and {@link JOURNAL_ID_BYTES}
   * random bytes, the journal's own.
   */
  static async derive(key: MacKey, id: Uint8Array): Promise<JournalSeal> {
    const own = copyBytes(id);
    return new JournalSeal(own, await key.derive(own, LABEL, BOX_KEY_BYTES + CHECK_BYTES));
  }

  /** Seals records into the frame for a position, with {@link IV_BYTES} fresh random bytes. */
  async seal(position: FramePosition, iv: Bytes, records: readonly Bytes[]): Promise<Bytes> {
    const plaintext = encodeRecords(records);
    const box = await sealBox(
      this.#key,
      iv,
      this.#bound(position),
      pad(plaintext, MIN_SEALED_BYTES),
    );
    return concatBytes(encodeLength(box.length), box);
  }

  /**
   * The records of a box.
   *
   * @throws {WireError} when it was not sealed here
   */
  async open(position: FramePosition, box: Uint8Array): Promise<Bytes[]> {
    const plaintext = await openBox(this.#key, this.#bound(position), box);
    if (plaintext === null) {
      throw new WireError(
        `journal.frame ${position.number}`,
        "what was sealed there",
        "other bytes",
      );
    }
    return parseRecords(unpad(plaintext, MIN_SEALED_BYTES));
  }

  #bound({ number, previous }: FramePosition): Bytes {
    return concatBytes(this.header, u64(number), previous);
  }
}

/** Bytes that a record takes in a frame. */
export function framedBytes({ length }: Bytes): number {
  return 4 + length;
}

/** Not by `concatBytes`, which takes its parts as arguments: there may be more than a call can have. */
function encodeRecords(records: readonly Bytes[]): Bytes {
  const length = records.reduce((sum, record) => sum + framedBytes(record), 4);
  const encoded = new Uint8Array(length);
  encoded.set(u32(records.length));
  let at = 4;
  for (const record of records) {
    encoded.set(u32(record.length), at);
    encoded.set(record, at + 4);
    at += framedBytes(record);
  }
  return encoded;
}

function parseRecords(bytes: Bytes): Bytes[] {
  const reader = new Reader("journal frame", bytes);
  const records: Bytes[] = [];
  for (let left = reader.u32("count"); left > 0; left--) {
    records.push(reader.bytes("record", reader.u32("record length")));
  }
  reader.end();
  return records;
}

/** The position after a frame. */
export function positionAfter({ number }: FramePosition, frame: Uint8Array): FramePosition {
  return { number: number + 1, previous: copyBytes(frame.subarray(-SHA256_BYTES)) };
}

/** A journal's file, read. */
export interface JournalContent {
  /** Its keys. */
  readonly seal: JournalSeal;
  /** Its records, oldest first. */
  readonly records: Bytes[];
  /** The next frame's position. */
  readonly next: FramePosition;
  /** Bytes of the header and of all whole frames. The file may be longer: then its last frame is not all there. */
  readonly length: number;
}

/**
 * Reads a file.
 *
 * @throws {WireError} when it was changed or damaged, or is another profile's
 * @throws {ProfileError} `profile-version`
 */
export async function readJournal(bytes: Bytes, key: MacKey): Promise<JournalContent> {
  const seal = await readHeader(bytes, key);
  const records: Bytes[] = [];
  let [next, at] = [seal.start, HEADER_BYTES];
  for (;;) {
    const frames = framesFrom(bytes, next, at);
    const opened = frames.map(({ position, from, end }) =>
      seal.open(position, bytes.subarray(from + LENGTHS_BYTES, end))
    );
    for (const group of await Promise.all(opened)) {
      for (const record of group) records.push(record);
    }
    const last = frames.at(-1);
    if (last === undefined) return { seal, records, next, length: at };
    next = positionAfter(last.position, bytes.subarray(last.from, last.end));
    at = last.end;
  }
}

async function readHeader(bytes: Bytes, key: MacKey): Promise<JournalSeal> {
  const reader = new Reader("journal", bytes);
  if (!equalBytes(reader.bytes("magic", MAGIC.length), MAGIC)) {
    throw new WireError("journal.magic", "parley-journal", "something else");
  }
  const version = reader.u8("version");
  if (version !== VERSION) {
    throw new ProfileError(
      "profile-version",
      `the journal has format ${version}, and this parley reads format ${VERSION}: use a newer one`,
    );
  }
  const seal = await JournalSeal.derive(key, reader.bytes("id", JOURNAL_ID_BYTES));
  if (!equalBytes(reader.bytes("check", CHECK_BYTES), seal.start.previous)) {
    throw new WireError("journal.check", "this profile's", "another");
  }
  return seal;
}

/** A frame in its file. */
interface Frame {
  readonly position: FramePosition;
  /** Its first byte. */
  readonly from: number;
  /** Behind its last one. */
  readonly end: number;
}

/**
 * The next frames, not opened yet, up to {@link AT_A_TIME} of them.
 *
 * @throws {WireError} when a length is damaged
 */
function framesFrom(bytes: Bytes, position: FramePosition, from: number): Frame[] {
  const frames: Frame[] = [];
  while (frames.length < AT_A_TIME) {
    const end = frameEnd(bytes, position.number, from);
    if (end === null) break;
    frames.push({ position, from, end });
    [position, from] = [positionAfter(position, bytes.subarray(from, end)), end];
  }
  return frames;
}

/** Where a frame ends; `null` when the file ends before it, or within it. */
function frameEnd(bytes: Bytes, number: number, from: number): number | null {
  if (bytes.length - from < LENGTHS_BYTES) return null;
  const lengths = bytes.subarray(from, from + LENGTHS_BYTES);
  const length = new DataView(lengths.buffer, lengths.byteOffset).getUint32(0);
  if (!equalBytes(lengths, encodeLength(length))) {
    if (zerosFrom(bytes) < from + LENGTHS_BYTES) return null;
    throw new WireError(`journal.frame ${number}`, "its length, twice", "something else");
  }
  const end = from + LENGTHS_BYTES + length;
  return end > bytes.length || zerosFrom(bytes) <= lastSector(from, end) ? null : end;
}

function encodeLength(length: number): Bytes {
  return concatBytes(u32(length), u32(~length >>> 0));
}

/** Where the zeros begin that a file ends with: its length when it ends with something else. */
function zerosFrom(bytes: Bytes): number {
  let from = bytes.length;
  while (bytes[from - 1] === 0) from--;
  return from;
}

/** Where the last sector begins that a frame has a part in. */
function lastSector(from: number, end: number): number {
  return Math.max(from, Math.floor((end - 1) / SECTOR_BYTES) * SECTOR_BYTES);
}

import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Bytes, concatBytes } from "../../lib/crypto/bytes.ts";
import { taggedHash } from "../../lib/crypto/hash.ts";
import { WireError } from "../../lib/errors.ts";
import { ProfileError } from "../../lib/profile/errors.ts";
import { PassphraseKey, REAL_BOUNDS } from "../../lib/profile/passphrase_key.ts";
import {
  encodeProfileFile,
  openProfile,
  parseProfileFile,
  sealProfile,
} from "../../lib/profile/profile_file.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { contactOf, PASSPHRASE, profileOf, TEST_BOUNDS, TEST_COST } from "./people.ts";

const PROFILE = profileOf(contactOf("bob"));
const random = seededRandom("file");

async function sealed(generation = 5): Promise<Bytes> {
  const key = await PassphraseKey.derive(PASSPHRASE, new Uint8Array(32).fill(9), TEST_COST);
  return await sealProfile(PROFILE, generation, key, random);
}

/** A file with a checksum that fits, as an attacker makes it. */
async function refit(bytes: Uint8Array): Promise<Bytes> {
  const content = bytes.subarray(0, -32);
  return concatBytes(content, await taggedHash("parley-1 profile file", content));
}

Deno.test("parseProfileFile() reads what sealProfile() wrote, and it encodes to the same bytes", async () => {
  const bytes = await sealed();
  const file = await parseProfileFile(bytes, TEST_BOUNDS);
  assertEquals([file.header.cost, file.header.generation], [TEST_COST, 5]);
  assertEquals(await encodeProfileFile(file), bytes);
  const { profile } = await openProfile(file, PASSPHRASE, random);
  assertEquals(profile.contacts, PROFILE.contacts);
});

Deno.test("every byte that is changed, by accident, is refused before a key is derived", async () => {
  const bytes = await sealed();
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.with(at, bytes[at]! ^ (1 << at % 8));
    const error = await assertRejects(() => parseProfileFile(changed, TEST_BOUNDS), WireError);
    assertEquals(error.expected, "its own checksum");
  }
});

heavyTest("every byte that is changed, with a checksum that fits, is refused, too", async () => {
  const bytes = await sealed();
  const counts = { form: 0, passphrase: 0, box: 0, version: 0 };
  for (let at = 0; at < bytes.length - 32; at++) {
    const changed = await refit(bytes.with(at, bytes[at]! ^ (1 << at % 8)));
    const error = await assertRejects(async () => {
      const file = await parseProfileFile(changed, TEST_BOUNDS);
      await openProfile(file, PASSPHRASE, random);
    });
    if (error instanceof ProfileError && error.code === "wrong-passphrase") counts.passphrase++;
    else if (error instanceof ProfileError && error.code === "profile-version") counts.version++;
    else if (error instanceof WireError) {
      counts[error.field === "profile file.box" ? "box" : "form"]++;
    } else assert(false, `byte ${at}: ${error}`);
  }
  // Salt and check, 32 bytes each, and the cost's three, as far as its bounds allow, change the keys.
  assertEquals(counts.version, 1);
  assert(counts.passphrase >= 64 && counts.passphrase <= 67, JSON.stringify(counts));
  assert(counts.form >= 15 && counts.form <= 18, JSON.stringify(counts));
  // The generation's eight bytes are the box's associated data; two of its bits exceed 2^53.
  assert(counts.box > 1000, JSON.stringify(counts));
});

heavyTest("every cut is refused", async () => {
  const bytes = await sealed();
  for (let length = 0; length < bytes.length; length += 1 + length % 7) {
    const cut = bytes.subarray(0, length);
    await assertRejects(() => parseProfileFile(cut, TEST_BOUNDS), WireError);
    if (length < 32) continue;
    await assertRejects(async () => {
      await openProfile(await parseProfileFile(await refit(cut), TEST_BOUNDS), PASSPHRASE, random);
    }, WireError);
  }
});

Deno.test("parseProfileFile() refuses a cost outside of its bounds, and derives nothing", async () => {
  const bytes = await sealed();
  const at = "parley-profile\n".length + 1;
  for (const [logN, r, p] of [[30, 8, 1], [255, 255, 255], [1, 1, 1], [20, 8, 200]]) {
    const changed = bytes.slice();
    changed.set([logN!, r!, p!], at);
    const error = await assertRejects(
      async () => await parseProfileFile(await refit(changed), REAL_BOUNDS),
      WireError,
    );
    assertEquals(error.field, "profile file.cost");
  }
});

Deno.test("openProfile() distinguishes a wrong passphrase from a changed file", async () => {
  const bytes = await sealed();
  const file = await parseProfileFile(bytes, TEST_BOUNDS);
  const wrong = await assertRejects(() => openProfile(file, "Correct horse", random), ProfileError);
  assertEquals([wrong.code, wrong.exitCode], ["wrong-passphrase", 5]);
  const newer = { ...file, header: { ...file.header, generation: 6 } };
  const changed = await assertRejects(() => openProfile(newer, PASSPHRASE, random), WireError);
  assertEquals(changed.field, "profile file.box");
});

Deno.test("sealProfile() gives the same profile other bytes each time, of one length for a few contacts", async () => {
  const [one, other] = [await sealed(), await sealed()];
  assert(one.some((byte, i) => byte !== other[i]));
  const key = await PassphraseKey.derive(PASSPHRASE, new Uint8Array(32), TEST_COST);
  assertEquals((await sealProfile(profileOf(), 1, key, random)).length, one.length);
});

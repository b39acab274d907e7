import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { concatBytes, fromUtf8, utf8 } from "../../lib/crypto/bytes.ts";
import { taggedHash } from "../../lib/crypto/hash.ts";
import { EXIT, UsageError } from "../../lib/errors.ts";
import { type ProfileCode, ProfileError } from "../../lib/profile/errors.ts";
import { DENO_FILES } from "../../lib/profile/files.ts";
import { encodeGeneration } from "../../lib/profile/generation.ts";
import { newProfile, type Profile } from "../../lib/profile/profile.ts";
import { parseProfileFile } from "../../lib/profile/profile_file.ts";
import { listProfiles, ProfileStore, type StoreOptions } from "../../lib/profile/profile_store.ts";
import { MacKey } from "../../lib/profile/secret.ts";
import { canWriteTemp, tempDir } from "../helpers/permissions.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { Crash, MemoryFiles } from "./memory_files.ts";
import {
  contactOf,
  PASSPHRASE,
  profileOf,
  savedProfile,
  storeOptions,
  TEST_BOUNDS,
} from "./people.ts";

const SEALED = "/p/work.profile";
const COUNT = "/p/work.generation";
const JOURNAL = "/p/work.journal";
const [BOB, CAROL] = [contactOf("bob"), contactOf("carol")];

/** Does something with the profile `work`, locked. */
async function withStore<T>(
  options: StoreOptions,
  use: (store: ProfileStore) => Promise<T>,
): Promise<T> {
  using store = await ProfileStore.lock(options, "work");
  return await use(store);
}

function open(files: MemoryFiles, passphrase = PASSPHRASE): Promise<Profile> {
  return withStore(storeOptions(files), (store) => store.open(passphrase));
}

function create(options: StoreOptions): Promise<void> {
  return withStore(options, (store) => store.create(profileOf(), PASSPHRASE));
}

/** Asserts that something fails with a code and its exit code. */
async function assertFails(
  code: ProfileCode,
  exit: number,
  action: () => Promise<unknown>,
): Promise<ProfileError> {
  const error = await assertRejects(action, ProfileError);
  assertEquals([error.code, error.exitCode], [code, exit], error.message);
  return error;
}

/** A disk on which the profile was saved again, now with this contact. */
async function savedAgain(files: MemoryFiles, contact = BOB): Promise<void> {
  await withStore(storeOptions(files), async (store) => {
    const profile = await store.open(PASSPHRASE);
    await store.save({ ...profile, contacts: [contact] });
  });
}

Deno.test("ProfileStore opens what it saved", async () => {
  const files = await savedProfile();
  assertEquals((await open(files)).contacts, []);
  await savedAgain(files);
  const profile = await open(files);
  assertEquals(profile.contacts, [BOB]);
  assertEquals(profile.identity.publicKey.y, profileOf().identity.publicKey.y);
});

Deno.test("ProfileStore writes a new file, waits for it, renames it, and waits for the folder", async () => {
  const files = await savedProfile();
  files.done.length = 0;
  await savedAgain(files);
  const write = (path: string) => [
    `remove ${path}.new`,
    `write ${path}.new`,
    `rename ${path}.new ${path}`,
    "sync /p",
  ];
  assertEquals(files.done, [...write(SEALED), ...write(COUNT)]);
});

Deno.test("ProfileStore lets one client have a profile at a time, and another one another", async () => {
  const options = storeOptions();
  using _store = await ProfileStore.lock(options, "work");
  await assertFails("profile-in-use", 8, () => ProfileStore.lock(options, "work"));
  using _other = await ProfileStore.lock(options, "home");
});

Deno.test("ProfileStore.close() forgets the key: nothing is saved any more", async () => {
  const files = await savedProfile();
  const store = await ProfileStore.lock(storeOptions(files), "work");
  const profile = await store.open(PASSPHRASE);
  const before = files.get(SEALED);
  store.close();
  await assertRejects(() => store.save(profile), TypeError);
  await assertRejects(() => store.openJournal(profile), TypeError);
  assertEquals(files.get(SEALED), before);
});

Deno.test("listProfiles() reports a folder that can't be read, and takes none for an empty one", async () => {
  const options = storeOptions();
  options.files.list = () => Promise.reject(new Deno.errors.PermissionDenied("os error 13"));
  await assertFails("cannot-read", EXIT.failed, () => listProfiles(options));
});

Deno.test({
  name: "listProfiles() finds nothing where no folder is, and refuses what is no folder",
  ignore: !canWriteTemp,
  async fn() {
    await using folder = await tempDir();
    const at = (path: string) =>
      listProfiles({ ...storeOptions(), files: DENO_FILES, folder: path });
    assertEquals(await at(`${folder.path}/none`), []);
    await Deno.writeTextFile(`${folder.path}/file`, "");
    await assertFails("cannot-read", EXIT.failed, () => at(`${folder.path}/file`));
  },
});

Deno.test("ProfileStore distinguishes a profile that never was from one that is gone", async () => {
  await assertFails("no-profile", 1, () => open(new MemoryFiles()));
  const files = await savedProfile();
  files.files.delete(SEALED);
  const gone = () => withStore(storeOptions(files), (store) => store.exists());
  await assertFails("profile-missing", 6, gone);
  await assertFails("profile-missing", 6, () => open(files));
  await assertFails("profile-missing", 6, () => create(storeOptions(files)));
});

Deno.test("ProfileStore makes no profile in the place of another", async () => {
  const files = await savedProfile();
  const before = files.get(SEALED);
  await assertFails("profile-exists", 1, () => create(storeOptions(files)));
  assertEquals(files.get(SEALED), before);
});

Deno.test("ProfileStore reports a wrong passphrase", async () => {
  const files = await savedProfile();
  await assertFails("wrong-passphrase", 5, () => open(files, "wrong horse"));
});

Deno.test("ProfileStore reports a profile that was damaged", async () => {
  const files = await savedProfile();
  const bytes = files.get(SEALED);
  for (const at of [0, 16, 17, 60, 95, 500, bytes.length - 1]) {
    files.files.set(SEALED, bytes.with(at, bytes[at]! ^ 1));
    await assertFails("profile-tampered", 3, () => open(files));
  }
});

Deno.test("ProfileStore reports a profile that was changed by somebody who knows the format", async () => {
  const files = await savedProfile();
  const content = files.get(SEALED).slice(0, -32);
  content[500]! ^= 1;
  const checksum = await taggedHash("parley-1 profile file", content);
  files.files.set(SEALED, concatBytes(content, checksum));
  await assertFails("profile-tampered", 3, () => open(files));
});

Deno.test("ProfileStore reports another profile under this name", async () => {
  const files = await savedProfile();
  files.files.set("/p/home.profile", files.get(SEALED));
  files.files.set("/p/home.generation", files.get(COUNT));
  const options = storeOptions(files);
  using home = await ProfileStore.lock(options, "home");
  await assertFails("profile-tampered", 3, () => home.open(PASSPHRASE));
});

Deno.test("ProfileStore refuses a cheap key derivation in the header, whoever made it", async () => {
  const files = await savedProfile();
  const { bounds: _, ...real } = storeOptions(files);
  const error = await assertFails(
    "profile-tampered",
    3,
    () => withStore(real, (store) => store.open(PASSPHRASE)),
  );
  assert(error.message.includes("67108864"), error.message);
});

Deno.test("ProfileStore reports an older profile that was put back, and takes it only on request", async () => {
  const files = await savedProfile();
  const old = files.get(SEALED);
  await savedAgain(files);
  files.files.set(SEALED, old);
  await assertFails("profile-rollback", 6, () => open(files));
  await withStore(storeOptions(files), (store) => store.openPutBack(PASSPHRASE));
  assertEquals((await open(files)).contacts, []);
});

Deno.test("ProfileStore distinguishes an older profile's passphrase from a wrong one", async () => {
  const files = await savedProfile();
  const old = files.get(SEALED);
  await withStore(storeOptions(files), async (store) => {
    await store.changePassphrase(await store.open(PASSPHRASE), "another horse");
  });
  await assertFails("wrong-passphrase", 5, () => open(files));
  assertEquals((await open(files, "another horse")).contacts, []);
  files.files.set(SEALED, old);
  await assertFails("profile-rollback", 6, () => open(files, "another horse"));
});

Deno.test("ProfileStore reports that the count of saves is gone, changed or another profile's", async () => {
  const files = await savedProfile();
  const count = files.get(COUNT);
  files.files.delete(COUNT);
  await assertFails("profile-rollback", 6, () => open(files));
  files.files.set(COUNT, count.with(-1, count.at(-1)! ^ 1));
  await assertFails("profile-tampered", 3, () => open(files));
  files.files.set(COUNT, await encodeGeneration(0, new MacKey(new Uint8Array(32))));
  await assertFails("profile-tampered", 3, () => open(files));
  files.files.set(COUNT, count.subarray(1).slice());
  await assertFails("profile-tampered", 3, () => open(files));
});

Deno.test("ProfileStore can't tell that both files of one moment were put back: the limit that is documented", async () => {
  const files = await savedProfile();
  const old = new Map(files.files);
  await savedAgain(files);
  assertEquals((await open(new MemoryFiles(old))).contacts, []);
});

Deno.test("ProfileStore leaves everything as it was when the disk is full", async () => {
  const files = await savedProfile();
  const used = files.files.values().reduce((sum, { length }) => sum + length, 0);
  const size = files.get(SEALED).length;
  for (const free of [0, 1, 100, size - 1]) {
    files.capacity = used + free;
    await withStore(storeOptions(files), async (store) => {
      const profile = await store.open(PASSPHRASE);
      const save = () => store.save({ ...profile, contacts: [BOB] });
      await assertFails("disk-full", 7, save);
      assertEquals([...files.files.keys()], [COUNT, SEALED], "no litter");
    });
    assertEquals((await open(files)).contacts, []);
  }
  files.capacity = Infinity;
  await savedAgain(files);
  assertEquals((await open(files)).contacts, [BOB]);
});

Deno.test("ProfileStore saves again in one session what had no room before", async () => {
  const files = await savedProfile();
  await withStore(storeOptions(files), async (store) => {
    const profile = await store.open(PASSPHRASE);
    files.capacity = 0;
    await assertFails("disk-full", 7, () => store.save({ ...profile, contacts: [BOB] }));
    files.capacity = Infinity;
    await store.save({ ...profile, contacts: [CAROL] });
  });
  assertEquals((await open(files)).contacts, [CAROL]);
});

Deno.test("ProfileStore makes no half profile when the disk is full", async () => {
  for (const capacity of [0, 30, 100, 1000]) {
    const files = new MemoryFiles();
    files.capacity = capacity;
    await assertFails("disk-full", 7, () => create(storeOptions(files)));
    files.capacity = Infinity;
    assertEquals(await withStore(storeOptions(files), (store) => store.exists()), false);
    await create(storeOptions(files));
    assertEquals((await open(files)).contacts, []);
  }
});

/** Stops the disk at every single change of what `use` does, and gives each disk that this leaves. */
async function* everyCrash(
  before: MemoryFiles,
  use: (options: StoreOptions) => Promise<unknown>,
): AsyncGenerator<MemoryFiles> {
  for (let changes = 0;; changes++) {
    const files = new MemoryFiles(before.files);
    files.changesLeft = changes;
    try {
      await use(storeOptions(files));
      return;
    } catch (error) {
      if (!(error instanceof Crash) && !(error instanceof ProfileError)) throw error;
      yield new MemoryFiles(files.files);
    }
  }
}

Deno.test("a crash at any change of a save leaves the old state or the new one", async () => {
  const before = await savedProfile(profileOf(BOB));
  const seen = { old: 0, new: 0 };
  const save = (options: StoreOptions) =>
    withStore(options, async (store) => {
      await store.save({ ...await store.open(PASSPHRASE), contacts: [CAROL] });
    });
  for await (const files of everyCrash(before, save)) {
    const { contacts } = await open(files);
    if (contacts[0]!.name === "bob") assertEquals(contacts, [BOB], `${seen.old++}`);
    else assertEquals(contacts, [CAROL], `${seen.new++}`);
    // And it goes on from there, however often.
    await savedAgain(files, CAROL);
    assertEquals((await open(files)).contacts, [CAROL]);
  }
  assert(seen.old >= 2 && seen.new >= 1, JSON.stringify(seen));
});

Deno.test("a save that was not counted any more is counted at the next opening", async () => {
  const files = await savedProfile();
  const [old, count] = [files.get(SEALED), files.get(COUNT)];
  await savedAgain(files);
  files.files.set(COUNT, count);
  assertEquals((await open(files)).contacts, [BOB]);
  files.files.set(SEALED, old);
  await assertFails("profile-rollback", 6, () => open(files));
});

Deno.test("a crash at any change of a new passphrase leaves the old one or the new one", async () => {
  const before = await savedProfile(profileOf(BOB));
  const change = (options: StoreOptions) =>
    withStore(options, async (store) => {
      await store.changePassphrase(await store.open(PASSPHRASE), "another horse");
    });
  const opened: string[] = [];
  for await (const files of everyCrash(before, change)) {
    for (const passphrase of [PASSPHRASE, "another horse"]) {
      const profile = await open(files, passphrase).catch(() => null);
      if (profile !== null) opened.push(passphrase);
    }
  }
  assertEquals(new Set(opened), new Set([PASSPHRASE, "another horse"]));
  assertEquals(opened, opened.toSorted((a, b) => a === b ? 0 : a === PASSPHRASE ? -1 : 1));
});

Deno.test("ProfileStore draws a new salt for each passphrase", async () => {
  const files = await savedProfile();
  const salts = [await saltOf(files)];
  await withStore(storeOptions(files), async (store) => {
    await store.changePassphrase(await store.open(PASSPHRASE), PASSPHRASE);
  });
  salts.push(await saltOf(files));
  assertNotEquals(salts[0], salts[1]);
});

async function saltOf(files: MemoryFiles): Promise<Uint8Array> {
  const bytes = await files.read(SEALED);
  return (await parseProfileFile(bytes!, TEST_BOUNDS)).header.salt;
}

Deno.test("a crash at any change of a creation leaves nothing, or the profile", async () => {
  const seen = { nothing: 0, profile: 0 };
  for await (const files of everyCrash(new MemoryFiles(), create)) {
    const options = storeOptions(files);
    if (await withStore(options, (store) => store.exists())) {
      assertEquals((await open(files)).contacts, [], `${seen.profile++}`);
    } else {
      await create(options);
      assertEquals((await open(files)).contacts, [], `${seen.nothing++}`);
    }
  }
  assert(seen.nothing >= 4 && seen.profile >= 1, JSON.stringify(seen));
});

Deno.test("a crash at any change of a deletion leaves the profile, or something to delete again", async () => {
  const before = await savedProfile();
  await journalAfter(before, ["one"]);
  const remove = (options: StoreOptions) => withStore(options, (store) => store.delete());
  for await (const files of everyCrash(before, remove)) {
    await remove(storeOptions(files));
    assertEquals(files.files.size, 0);
    assertEquals(await withStore(storeOptions(files), (store) => store.exists()), false);
  }
});

/** What the journal of the profile `work` holds, after these records were added. */
function journalAfter(
  files: MemoryFiles,
  records: string[],
  passphrase = PASSPHRASE,
): Promise<string[]> {
  return withStore(storeOptions(files), async (store) => {
    const opened = await store.openJournal(await store.open(passphrase));
    await opened.journal.append(records.map(utf8));
    return [...opened.records.map(fromUtf8), ...records];
  });
}

Deno.test("ProfileStore.openJournal() opens the profile's journal, which outlives a new passphrase", async () => {
  const files = await savedProfile();
  assertEquals(await journalAfter(files, ["one"]), ["one"]);
  await withStore(storeOptions(files), async (store) => {
    await store.changePassphrase(await store.open(PASSPHRASE), "another horse");
  });
  assertEquals(await journalAfter(files, ["two"], "another horse"), ["one", "two"]);
  assertEquals(files.opened, 0, "closing the store closes its journal");
  await withStore(storeOptions(files), async (store) => {
    assertEquals(await store.journalSize(), files.get(JOURNAL).length);
  });
});

Deno.test("ProfileStore.openJournal() takes no profile that is not open, and opens one once", async () => {
  await withStore(storeOptions(await savedProfile()), async (store) => {
    assertEquals(await store.journalSize(), null);
    await assertRejects(() => store.openJournal(profileOf()), TypeError);
    const profile = await store.open(PASSPHRASE);
    await store.openJournal(profile);
    await assertRejects(() => store.openJournal(profile), TypeError);
  });
});

Deno.test("ProfileStore.openJournal() refuses another profile's journal", async () => {
  const files = await savedProfile();
  await journalAfter(files, ["one"]);
  const home = new MemoryFiles();
  await withStore(storeOptions(home), async (store) => {
    await store.create(newProfile("work", { name: "" }, seededRandom("home")), PASSPHRASE);
  });
  home.files.set(JOURNAL, files.get(JOURNAL));
  const error = await assertFails("profile-tampered", 3, () => journalAfter(home, []));
  assert(error.message.includes(`remove ${JOURNAL}`), error.message);
});

Deno.test("ProfileStore.create() begins without the journal of one whose other files are gone", async () => {
  const files = await savedProfile();
  await journalAfter(files, ["one"]);
  files.files.delete(SEALED);
  files.files.delete(COUNT);
  await withStore(storeOptions(files), (store) => store.create(profileOf(), PASSPHRASE));
  assertEquals(await journalAfter(files, []), []);
});

Deno.test("ProfileStore.delete() removes the journal, also one that is open, and a draft of one", async () => {
  const files = await savedProfile();
  await journalAfter(files, ["one"]);
  files.files.set(`${JOURNAL}.new`, new Uint8Array(9));
  await withStore(storeOptions(files), async (store) => {
    await store.openJournal(await store.open(PASSPHRASE));
    await store.delete();
  });
  assertEquals([files.files.size, files.opened], [0, 0]);
});

Deno.test("ProfileStore.lock() refuses names that lead elsewhere", async () => {
  for (const name of ["", "..", "../work", "a/b", "Work"]) {
    await assertRejects(() => ProfileStore.lock(storeOptions(), name), UsageError);
  }
});

Deno.test("listProfiles() names profiles, in order, and nothing else", async () => {
  const options = storeOptions();
  for (
    const name of ["work.profile", "work.lock", "b.profile", "b.profile.new", "B.profile", "x"]
  ) {
    options.files.files.set(`/p/${name}`, new Uint8Array());
  }
  assertEquals(await listProfiles(options), ["b", "work"]);
});

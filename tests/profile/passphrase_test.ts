import { assertEquals, assertRejects } from "@std/assert";
import { type Bytes, utf8 } from "../../lib/crypto/bytes.ts";
import { openOrCreateProfile } from "../../lib/profile/open_or_create.ts";
import { ProfileError } from "../../lib/profile/errors.ts";
import {
  choosePassphrase,
  givenPassphrase,
  type PassphraseSources,
  withPassphrase,
} from "../../lib/profile/passphrase.ts";
import { ProfileStore } from "../../lib/profile/profile_store.ts";
import { seededRandom } from "../helpers/seeded_random.ts";
import { MemoryFiles } from "./memory_files.ts";
import { PASSPHRASE, savedProfile, storeOptions } from "./people.ts";

/** Sources of which none has anything. */
const NOTHING: PassphraseSources = { descriptor: null, variable: undefined, ask: null };

function descriptor(text: string | Bytes): PassphraseSources {
  const bytes = typeof text === "string" ? utf8(text) : text;
  return { ...NOTHING, descriptor: () => Promise.resolve(bytes), variable: "not this one" };
}

/** Somebody who types these answers, and the questions they saw. */
function typist(...answers: (string | undefined)[]): PassphraseSources & { asked: string[] } {
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return Promise.resolve(answers.shift());
  };
  return { ...NOTHING, ask, asked };
}

async function assertNoPassphrase(action: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(action, ProfileError);
  assertEquals([error.code, error.exitCode], ["no-passphrase", 2]);
}

Deno.test("givenPassphrase() takes the descriptor's one line before the variable", async () => {
  for (const text of ["a horse", "a horse\n", "a horse\r\n"]) {
    assertEquals(await givenPassphrase(descriptor(text)), "a horse");
  }
  assertEquals(await givenPassphrase({ ...NOTHING, variable: " v " }), " v ");
  assertEquals(await givenPassphrase({ ...NOTHING, variable: "" }), null);
  assertEquals(await givenPassphrase(NOTHING), null);
});

Deno.test("givenPassphrase() refuses a descriptor with anything but one line of UTF-8", async () => {
  for (const text of ["", "\n", "a\nb", "a\n\n", "\u{1f600}".repeat(300)]) {
    await assertNoPassphrase(() => givenPassphrase(descriptor(text)));
  }
  await assertNoPassphrase(() => givenPassphrase(descriptor(Uint8Array.of(0xff))));
  const broken = { ...NOTHING, descriptor: () => Promise.reject(new Error("closed")) };
  await assertNoPassphrase(() => givenPassphrase(broken));
});

Deno.test("withPassphrase() asks three times, and says what was wrong", async () => {
  const told: string[] = [];
  const wrong = new ProfileError("wrong-passphrase", "wrong");
  const open = (text: string) => text === "c" ? Promise.resolve("open") : Promise.reject(wrong);
  const tell = (text: string) => void told.push(text);
  assertEquals(await withPassphrase(typist("a", "b", "c"), "?", open, tell), "open");
  assertEquals(told, ["wrong", "wrong"]);
  const error = await assertRejects(
    () => withPassphrase(typist("a", "b", "d", "c"), "?", open, tell),
    ProfileError,
  );
  assertEquals(error.code, "wrong-passphrase");
});

Deno.test("withPassphrase() tries a given passphrase once, and asks nobody for anything else's fault", async () => {
  const told: string[] = [];
  const tell = (text: string) => void told.push(text);
  let tries = 0;
  const fail = (code: "wrong-passphrase" | "profile-rollback") => () => {
    tries++;
    return Promise.reject(new ProfileError(code, code));
  };
  const given = { ...typist("b"), variable: "a" };
  await assertRejects(() => withPassphrase(given, "?", fail("wrong-passphrase"), tell));
  await assertRejects(() => withPassphrase(typist("a", "b"), "?", fail("profile-rollback"), tell));
  assertEquals([tries, told], [2, []]);
});

Deno.test("withPassphrase() says what to do where nobody can be asked, or nobody answers", async () => {
  const open = () => Promise.resolve();
  await assertNoPassphrase(() => withPassphrase(NOTHING, "?", open, () => {}));
  await assertNoPassphrase(() => withPassphrase(typist(undefined), "?", open, () => {}));
});

Deno.test("choosePassphrase() asks twice, until both are the same and long enough", async () => {
  const person = typist("7 chars", "8 chars!", "8 Chars!", "8 chars!", "8 chars!");
  const told: string[] = [];
  assertEquals(await choosePassphrase(person, (text) => void told.push(text)), "8 chars!");
  assertEquals(told.length, 2);
  await assertNoPassphrase(() => choosePassphrase({ ...NOTHING, variable: "short" }, () => {}));
  await assertNoPassphrase(() => choosePassphrase(NOTHING, () => {}));
  await assertNoPassphrase(() => choosePassphrase(typist("long enough", undefined), () => {}));
});

/** Enters the profile `work` on this disk. */
async function enter(
  files: MemoryFiles,
  passphrases: PassphraseSources,
  confirm: ((question: string) => Promise<boolean>) | null,
  nickname = "",
) {
  using store = await ProfileStore.lock(storeOptions(files), "work");
  const random = seededRandom("enter");
  return await openOrCreateProfile({
    store,
    passphrases,
    confirm,
    tell: () => {},
    nickname,
    random,
  });
}

Deno.test("openOrCreateProfile() makes no identity that nobody asked for", async () => {
  for (const confirm of [null, () => Promise.resolve(false)]) {
    const files = new MemoryFiles();
    const sources = { ...NOTHING, variable: PASSPHRASE };
    const error = await assertRejects(() => enter(files, sources, confirm), ProfileError);
    assertEquals(error.code, "no-profile");
    assertEquals(files.files.size, 0);
  }
});

Deno.test("openOrCreateProfile() makes a profile for a person who wants one, and opens it the next time", async () => {
  const files = new MemoryFiles();
  const person = typist(PASSPHRASE, PASSPHRASE);
  const made = await enter(files, person, () => Promise.resolve(true), "Alice");
  assertEquals(person.asked, ["new passphrase: ", "the same again: "]);
  const opened = await enter(files, typist(PASSPHRASE), null);
  assertEquals(opened.identity.publicKey.y, made.identity.publicKey.y);
  assertEquals(opened.settings, { name: "Alice" });
});

Deno.test("openOrCreateProfile() remembers a new name, and keeps the old one where none is given", async () => {
  const files = await savedProfile();
  const sources = { ...NOTHING, variable: PASSPHRASE };
  assertEquals((await enter(files, sources, null)).settings.name, "Alice");
  assertEquals((await enter(files, sources, null, "Alicia")).settings.name, "Alicia");
  assertEquals((await enter(files, sources, null)).settings.name, "Alicia");
});

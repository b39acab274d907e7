import { assertEquals, assertRejects } from "@std/assert";
import { saveTranscript } from "../../lib/conversation/transcript_store.ts";
import { ParleyError } from "../../lib/errors.ts";
import { canWriteTemp, tempDir } from "../helpers/permissions.ts";

/** The names in a folder and below it, in order. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    names.push(name);
    if (isDirectory) names.push(...await namesIn(`${folder}/${name}`));
  }
  return names.sort();
}

function test(name: string, fn: (folder: string, transcripts: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canWriteTemp,
    async fn() {
      await using folder = await tempDir();
      await fn(folder.path, `${folder.path}/transcripts`);
    },
  });
}

/** Asserts that a transcript is not saved, and says so. */
async function assertRefused(name: string, transcripts: string): Promise<void> {
  const save = () => saveTranscript(name, "text", transcripts);
  const { code } = await assertRejects(save, ParleyError, undefined, name);
  assertEquals(code, "cannot-save", name);
}

test(
  "saveTranscript() writes a file that is its owner's only, and says where",
  async (_, transcripts) => {
    const path = await saveTranscript("Ärger-2026.txt", "a text\n", transcripts);
    assertEquals(path, `${transcripts}/Ärger-2026.txt`);
    assertEquals(await Deno.readTextFile(path), "a text\n");
    if (Deno.build.os === "windows") return;
    const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    assertEquals([await modeOf(path), await modeOf(transcripts)], [0o600, 0o700]);
  },
);

test(
  "saveTranscript() refuses a second transcript of one name, and keeps the first",
  async (_, transcripts) => {
    const path = await saveTranscript("talk", "the first, which is longer", transcripts);
    await assertRefused("talk", transcripts);
    assertEquals(await Deno.readTextFile(path), "the first, which is longer");
  },
);

test(
  "saveTranscript() refuses a name that is a path, hidden, empty or too long, and writes nothing",
  async (folder, transcripts) => {
    await Deno.mkdir(`${transcripts}/sub`, { recursive: true });
    const bad = [
      "../out",
      "sub/out",
      `${folder}/out`,
      "..",
      ".hidden",
      "",
      "a b",
      "a\\b",
      "a\0b",
      "-x",
    ];
    for (const name of [...bad, "x".repeat(65), "talk\n"]) await assertRefused(name, transcripts);
    assertEquals(await namesIn(folder), ["sub", "transcripts"]);
    await saveTranscript("x".repeat(64), "", transcripts);
  },
);

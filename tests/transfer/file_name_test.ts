import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { utf8 } from "../../lib/crypto/bytes.ts";
import { cleanFileName, numberedName } from "../../lib/transfer/file_name.ts";

const CASES: readonly [hostile: string, clean: string][] = [
  ["holiday.jpg", "holiday.jpg"],
  ["größe Übung.pdf", "größe Übung.pdf"],
  ["../../etc/passwd", "passwd"],
  ["/etc/shadow", "shadow"],
  ["C:\\Windows\\system32\\cmd.exe", "cmd.exe"],
  ["a/b\\c", "c"],
  ["folder/", "folder"],
  ["..", "file"],
  ["/", "file"],
  ["", "file"],
  ["...", "file"],
  [".bashrc", "bashrc"],
  [".-.ssh", "ssh"],
  ["-rf", "rf"],
  ["--help.txt", "help.txt"],
  ["name.", "name"],
  ["name. . ", "name"],
  ["a\u0000b\u001b[31m\n\rc", "ab[31mc"],
  ["cv\u202efdp.exe", "cvfdp.exe"],
  ["\u200b\u2060\ufeff", "file"],
  [`photo.jpg${"\u2800".repeat(25)}.exe`, "photo.jpg.exe"],
  ["\u2800\u{1d159}", "file"],
  ["pay\u200bload\u00ad.txt", "payload.txt"],
  ["\ud800lone", "\ufffdlone"],
  ["nul", "_nul"],
  ["NUL.txt", "_NUL.txt"],
  ["Com1.tar.gz", "_Com1.tar.gz"],
  ["com\u00b9", "_com\u00b9"],
  ["CON .txt", "_CON .txt"],
  ["console.log", "console.log"],
  ["report.txt:stream", "report.txt_stream"],
  ['a<b>c"d|e?f*g', "a_b_c_d_e_f_g"],
  ["a \t  b", "a b"],
  ["e\u0301.txt", "\u00e9.txt"],
];

for (const [hostile, clean] of CASES) {
  Deno.test(`cleanFileName() makes ${JSON.stringify(clean)} of ${JSON.stringify(hostile)}`, () => {
    assertEquals(cleanFileName(hostile), clean);
  });
}

Deno.test("cleanFileName() cuts a long name and keeps its ending", () => {
  assertEquals(cleanFileName(`${"x".repeat(300)}.jpeg`), `${"x".repeat(95)}.jpeg`);
  assertEquals(cleanFileName(`${"x".repeat(300)}.tar.gz`), `${"x".repeat(93)}.tar.gz`);
  assertEquals(cleanFileName(`a.${"y".repeat(300)}`), `a.${"y".repeat(98)}`);
  // Four bytes each: no half of one is left.
  assertEquals(cleanFileName(`${"😀".repeat(80)}.txt`), `${"😀".repeat(24)}.txt`);
});

const anyName = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(..."./\\-:* \t\u0000\u202e\u200b\u0301ecomnul1😀\ud800(2)"),
    maxLength: 200,
  }),
);

Deno.test("cleanFileName() gives a harmless name, and changes it no further", () => {
  fc.assert(
    fc.property(anyName, (hostile) => {
      const clean = cleanFileName(hostile);
      assertEquals(cleanFileName(clean), clean);
      const length = utf8(clean).length;
      assert(length >= 1 && length <= 100);
      assert(!/[/\\\p{Cc}\p{Cf}\p{Cs}<>:"|?*]/u.test(clean), clean);
      assert(!/^[-.\s]|[.\s]$/.test(clean), clean);
      assert(!/^(con|aux|nul|com1)(\.|$)/i.test(clean), clean);
    }),
    { numRuns: 2000, seed: 6 },
  );
});

Deno.test("numberedName() puts the number before the ending", () => {
  assertEquals(numberedName("a.txt", 1), "a.txt");
  assertEquals(numberedName("a.txt", 2), "a (2).txt");
  assertEquals(numberedName("a.tar.gz", 3), "a (3).tar.gz");
  assertEquals(numberedName("README", 2), "README (2)");
});

import { assertEquals, assertThrows } from "@std/assert";
import { filesFolder, profileFolder } from "../../lib/profile/folder.ts";

for (
  const [os, variables, expected] of [
    ["linux", { HOME: "/home/a" }, "/home/a/.config/parley"],
    ["linux", { HOME: "/home/a", XDG_CONFIG_HOME: "/c" }, "/c/parley"],
    ["linux", { HOME: "/home/a", XDG_CONFIG_HOME: "c" }, "/home/a/.config/parley"],
    ["linux", { HOME: "/home/a", XDG_CONFIG_HOME: "" }, "/home/a/.config/parley"],
    ["linux", {}, "profiles"],
    ["freebsd", { HOME: "/home/a" }, "/home/a/.config/parley"],
    ["darwin", { HOME: "/Users/a" }, "/Users/a/Library/Application Support/parley"],
    [
      "darwin",
      { HOME: "/Users/a", XDG_CONFIG_HOME: "/c" },
      "/Users/a/Library/Application Support/parley",
    ],
    ["windows", { APPDATA: "C:\\a" }, "C:\\a\\parley"],
    ["windows", { HOME: "/x" }, "profiles"],
    ["linux", { HOME: "/home/a", PARLEY_PROFILE_DIR: "/media/stick" }, "/media/stick"],
  ] as [string, Record<string, string>, string][]
) {
  Deno.test(`profileFolder() on ${os} with ${JSON.stringify(variables)} is ${expected}`, () => {
    assertEquals(profileFolder({ os, env: (name) => variables[name] }), expected);
  });
}

Deno.test("profileFolder() refuses what would part into two permissions, or print on two lines", () => {
  for (const folder of ["/a,/etc", "/a\n/etc", "/a\x1b"]) {
    assertThrows(() => profileFolder({ os: "linux", env: () => folder }), RangeError);
  }
});

Deno.test("filesFolder() is PARLEY_FILES or outbox, and never more than one path", () => {
  const folders: [variable: string | undefined, folder: string][] = [
    [undefined, "outbox"],
    ["", "outbox"],
    ["/home/a/to send", "/home/a/to send"],
  ];
  for (const [variable, folder] of folders) {
    assertEquals(filesFolder((name) => name === "PARLEY_FILES" ? variable : "other"), folder);
  }
  for (const folder of ["/a,/etc", "/a\n/etc"]) {
    assertThrows(() => filesFolder(() => folder), RangeError);
  }
});

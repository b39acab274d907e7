import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/errors.ts";
import { profileFolder } from "../../lib/profile/folder.ts";

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

Deno.test("profileFolder() refuses what would part into two permissions, and names the variable to set", () => {
  const refused = (env: (name: string) => string | undefined) => {
    const error = assertThrows(() => profileFolder({ os: "linux", env }), UsageError);
    assertStringIncludes(error.message, "PARLEY_PROFILE_DIR");
  };
  refused(() => "/a,/etc");
  refused((name) => name === "HOME" ? "/home/a,b" : undefined);
});

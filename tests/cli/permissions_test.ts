import { assertEquals } from "@std/assert";
import {
  clientReach,
  permissionFlags,
  profileReach,
  type Reach,
} from "../../lib/cli/permissions.ts";
import { UsageError } from "../../lib/errors.ts";

const HOME = { HOME: "/home/a b" };

interface World {
  readonly env?: Record<string, string>;
  readonly file?: string;
  readonly files?: Record<string, string>;
}

/** What a client on Linux reaches. */
function reach(args: string[], { env = HOME, file, files = {} }: World = {}): Reach {
  const readFile = (path: string) => files[path] ?? null;
  return clientReach(
    args,
    { env: (name) => (env as Record<string, string>)[name], readFile, file: file ?? null },
    "linux",
  );
}

const NOTHING: Reach = { relay: null, reads: [], writes: [] };

Deno.test("permissionFlags() are exactly those of a run, and never one that grants all", () => {
  const env = "--allow-env=PARLEY_*,HOME,XDG_CONFIG_HOME,APPDATA,TERM,NO_COLOR";
  assertEquals(permissionFlags(NOTHING), ["--ignore-env", env]);
  assertEquals(permissionFlags(reach(["--server", "http://relay.example:5000"])), [
    "--ignore-env",
    env,
    "--allow-net=relay.example:5000",
    "--allow-read=outbox,transcripts,received",
    "--allow-write=transcripts,received",
  ]);
  assertEquals(permissionFlags(reach(["--profile", "me"])).slice(2), [
    "--allow-net=localhost:5000",
    "--allow-read=outbox,transcripts,received,/home/a b/.config/parley",
    "--allow-write=transcripts,received,/home/a b/.config/parley",
  ]);
});

Deno.test("permissionFlags() leaves out a path with a comma, which would be two", () => {
  const flags = permissionFlags({ relay: null, reads: ["/a,/etc", "b"], writes: ["/c,/"] });
  assertEquals(flags.slice(2), ["--allow-read=b"]);
});

for (
  const [server, relay] of [
    ["http://localhost", "localhost:80"],
    ["https://relay.example", "relay.example:443"],
    ["https://relay.example:8443/", "relay.example:8443"],
    ["http://127.0.0.1:5000", "127.0.0.1:5000"],
    ["http://[::1]:5000", "[::1]:5000"],
    ["http://[2001:DB8::1]", "[2001:db8::1]:80"],
    ["http://bücher.example:1", "xn--bcher-kva.example:1"],
    ["http://a,b:5000", null],
    ["http://*.example:5000", null],
    ["nonsense", null],
  ] as const
) {
  Deno.test(`clientReach() of --server ${server} is ${relay}`, () => {
    assertEquals(reach(["--server", server]).relay, relay);
    assertEquals(reach([], { env: { PARLEY_SERVER: server } }).relay, relay);
  });
}

Deno.test("clientReach() takes the relay of the configuration file, which the client may read", () => {
  const files = { "/c/parley/config.json": '{"server":"http://relay:7"}', "/x": '{"files":"/f"}' };
  const file = "/c/parley/config.json";
  const { relay, reads } = reach([], { file, files });
  assertEquals([relay, reads[0]], ["relay:7", file]);
  assertEquals(reach(["--config", "/x"], { file, files }).reads, ["/x", "outbox", "/f"]);
  // No flag can name it to the client, so it must not decide for the launcher alone.
  const comma = "/a,b/config.json";
  const hidden = reach([], { file: comma, files: { [comma]: files[file] } });
  assertEquals([hidden.relay, hidden.reads], ["localhost:5000", ["outbox", "outbox"]]);
});

Deno.test("clientReach() has the profile's folder for a profile only, and descriptors for a passphrase only", () => {
  const own = ["transcripts", "received"];
  assertEquals(reach(["--profile", "me", "--profile-dir", "/p"]).writes, [...own, "/p"]);
  assertEquals(reach([], { env: { PARLEY_PROFILE: "me", PARLEY_PROFILE_DIR: "/q" } }).writes, [
    ...own,
    "/q",
  ]);
  assertEquals(reach([], { env: { HOME: "/a,b" } }).writes, own);
  assertEquals(reach(["--profile", "me", "--passphrase-fd", "3"]).reads.at(-1), "/dev/fd");
});

Deno.test("clientReach() has the file that the command line names", () => {
  assertEquals(reach(["--send-file", "/a/b"]).reads, ["outbox", "outbox", "/a/b"]);
  assertEquals(reach(["--send-file", "/a,b"]).reads, ["outbox", "outbox"]);
});

Deno.test("clientReach() has outbox and what --files or PARLEY_FILES names", () => {
  assertEquals(reach(["--files", "/to send"]).reads, ["outbox", "/to send"]);
  assertEquals(reach([], { env: { PARLEY_FILES: "~f" } }).reads, ["outbox", "~f"]);
});

Deno.test("clientReach() of what the client refuses is no more than what it takes to say so", () => {
  assertEquals(reach(["--no-such", "--server", "http://relay:7"]), NOTHING);
  assertEquals(reach(["--profile", "me"], { env: { HOME: "/a,b" } }), NOTHING);
  const files = { "/x": "{" };
  assertEquals(reach(["--config", "/x"], { files }), { ...NOTHING, reads: ["/x"] });
  const sources = {
    env: () => undefined,
    file: null,
    readFile: () => {
      throw new UsageError("cannot read");
    },
  };
  const unreadable = clientReach(["--config", "/x"], sources, "linux");
  assertEquals(unreadable, { ...NOTHING, reads: ["/x"] });
});

Deno.test("clientReach() of --help and --version has no network", () => {
  for (const word of ["--help", "--version"]) assertEquals(reach([word]).relay, null);
});

Deno.test("profileReach() is the folder of profiles, and nothing where no flag can name it", () => {
  const folder = (env: Record<string, string>, ...args: string[]) =>
    profileReach(args, { env: (name) => env[name] }, "linux");
  const usual = { relay: null, reads: ["/dev/fd"], writes: ["/home/a b/.config/parley"] };
  assertEquals(folder(HOME, "list"), usual);
  assertEquals(folder(HOME, "list", "--profile-dir", "/p").writes, ["/p"]);
  assertEquals(folder({ HOME: "/a,b" }, "list"), NOTHING);
  assertEquals(folder(HOME, "--no-such"), NOTHING);
});

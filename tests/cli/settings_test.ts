import { assertEquals, assertThrows } from "@std/assert";
import { readClientOptions } from "../../lib/cli/client_options.ts";
import { CLIENT } from "../../lib/cli/command_tables.ts";
import { readServerOptions } from "../../lib/cli/server_options.ts";
import { readSettings, type Sources, variablesOf } from "../../lib/cli/settings.ts";
import { UsageError } from "../../lib/errors.ts";

/** Sources out of an environment and some files. */
function sources(
  env: Record<string, string>,
  files: Record<string, string> = {},
  file: string | null = null,
): Sources {
  return { env: (name) => env[name], readFile: (path) => files[path] ?? null, file };
}

const settingsFor = (args: string[], from?: Sources) => readSettings(CLIENT, args, from);

Deno.test("readSettings() takes the command line before the environment before the file before the default", () => {
  const files = { "c.json": '{"name": "file", "room": "file", "server": "http://file"}' };
  const env = { PARLEY_NAME: "env", PARLEY_ROOM: "env" };
  const settings = settingsFor(["--name", "flag"], sources(env, files, "c.json"));
  assertEquals(
    ["name", "room", "server", "color"].map((name) => settings.text(name)),
    ["flag", "env", "http://file", "auto"],
  );
  assertEquals(
    ["name", "room", "server", "color"].map((name) => settings.sourceOf(name)),
    ["--name", "PARLEY_ROOM", 'server in "c.json"', "--color"],
  );
});

Deno.test("readSettings() lets the environment turn a switch off that the file turns on", () => {
  const files = { "c.json": '{"ascii": true, "deniable": false}' };
  assertEquals(settingsFor([], sources({}, files, "c.json")).isOn("ascii"), true);
  assertEquals(settingsFor([], sources({}, files, "c.json")).isOn("deniable"), false);
  const off = sources({ PARLEY_ASCII: "0" }, files, "c.json");
  assertEquals(settingsFor([], off).isOn("ascii"), false);
  assertEquals(settingsFor(["--ascii"], off).isOn("ascii"), true);
});

Deno.test("readSettings() takes an empty variable for none", () => {
  assertEquals(settingsFor([], sources({ PARLEY_NAME: "" })).text("name"), "");
  assertEquals(settingsFor([], sources({ PARLEY_ASCII: "" })).isOn("ascii"), false);
});

Deno.test("readSettings() reads the file that --config or PARLEY_CONFIG names, and it must be there", () => {
  const files = { one: '{"name": "1"}', two: '{"name": "2"}' };
  const env = { PARLEY_CONFIG: "two" };
  assertEquals(settingsFor(["--config", "one"], sources(env, files, "x")).text("name"), "1");
  assertEquals(settingsFor([], sources(env, files, "x")).text("name"), "2");
  assertEquals(settingsFor([], sources({}, files, "x")).text("name"), "");
  assertThrows(
    () => settingsFor(["--config", "x"], sources({})),
    UsageError,
    '--config "x": there is no such file',
  );
  assertThrows(() => settingsFor([], sources({ PARLEY_CONFIG: "x" })), UsageError, "PARLEY_CONFIG");
});

const BAD_FILES: [text: string, about: string][] = [
  ["", 'in "c.json": expected one JSON object'],
  ["[]", "expected one JSON object"],
  ['"x"', "expected one JSON object"],
  ['{"name": 1', "expected one JSON object"],
  ['{"nam": "x"}', '"nam" in "c.json": not a setting. There are server, room, name'],
  ['{"invite": true}', "not a setting"],
  ['{"config": "x"}', "not a setting"],
  ['{"__proto__": "x"}', "not a setting"],
  ['{"name": true}', 'name in "c.json": expected a text'],
  ['{"name": ""}', "expected a text"],
  ['{"name": null}', "expected a text"],
  ['{"ascii": "yes"}', 'ascii in "c.json": expected true or false'],
];

for (const [text, about] of BAD_FILES) {
  Deno.test(`readSettings() refuses the configuration ${text || "of no bytes"}, and names it`, () => {
    const from = sources({}, { "c.json": text }, "c.json");
    assertThrows(() => settingsFor([], from), UsageError, about);
  });
}

const BAD_VALUES: [name: string, value: string, about: string][] = [
  ["server", "nonsense", "expected a URL"],
  ["room", "a b", "expected 1 to 64 letters"],
  ["name", "x".repeat(128), "at most 127 bytes"],
  ["color", "sometimes", "expected one of auto, always, never"],
  ["notify", "loud", "expected one of bell, osc, off"],
];

for (const [name, value, about] of BAD_VALUES) {
  Deno.test(`readClientOptions() names where a bad ${name} came from: flag, variable or file`, () => {
    const variable = `PARLEY_${name.toUpperCase()}`;
    const refused = (from: string, args: string[], given?: Sources) => {
      const error = assertThrows(() => readClientOptions(args, given), UsageError, about);
      assertEquals(error.message.startsWith(from), true, error.message);
    };
    refused(`--${name}`, [`--${name}=${value}`]);
    refused(variable, [], sources({ [variable]: value }));
    const file = { f: JSON.stringify({ [name]: value }) };
    refused(`${name} in "f"`, [], sources({}, file, "f"));
  });
}

Deno.test("readClientOptions() takes a switch of the environment as 1 or 0 only", () => {
  const given = sources({ PARLEY_DENIABLE: "yes" });
  assertThrows(() => readClientOptions([], given), UsageError, "PARLEY_DENIABLE");
});

Deno.test("readClientOptions() lets a code win over a room that is set for good", () => {
  const given = sources({ PARLEY_ROOM: "r1" });
  const meeting = (...args: string[]) => {
    const options = readClientOptions(args, given);
    return typeof options === "string" ? null : options.meeting;
  };
  assertEquals(meeting("--invite"), { how: "invite" });
  assertEquals(meeting("--join"), { how: "join", code: null });
  assertEquals(meeting(), { how: "room", room: "r1" });
  assertThrows(() => meeting("--invite", "--room", "x"), UsageError, "don't go together");
});

const TOGETHER: [args: string[], about: string][] = [
  [["--wait"], "--send TEXT"],
  [["--timeout", "5"], "--wait only"],
  [["--send", "x", "--timeout", "5"], "--wait only"],
  [["--send", "x", "--wait", "--timeout", "0"], "from 1 to 86400"],
  [["--send", "x", "--wait", "--json-input"], "reads no input"],
  [["--send", "x", "--wait", "--classic"], "no receipts"],
  [["--send", "x".repeat(512 * 1024 + 1)], "at most 524288 bytes"],
  [["--require-verified", "--classic"], "verifies nobody"],
  [["--classic", "--name", "x"], "don't go together"],
];

for (const [args, about] of TOGETHER) {
  Deno.test(`readClientOptions() refuses ${args.join(" ").slice(0, 50)}`, () => {
    assertThrows(() => readClientOptions(args), UsageError, about);
  });
}

Deno.test("readClientOptions() gives what to send, and JSON for --json-input", () => {
  const options = readClientOptions(["--send", "hi", "--wait", "--timeout", "5"]);
  if (typeof options === "string") throw new Error("it is a text");
  const { send, sendFile, wait, timeout } = options;
  assertEquals({ send, sendFile, wait, timeout }, {
    send: "hi",
    sendFile: null,
    wait: true,
    timeout: 5000,
  });
  const script = readClientOptions(["--json-input"]);
  assertEquals(typeof script !== "string" && script.json, true);
});

Deno.test("readServerOptions() takes PARLEY_PORT, and names it when it is bad", () => {
  const options = readServerOptions([], sources({ PARLEY_PORT: "8080" }));
  assertEquals(typeof options !== "string" && options.port, 8080);
  const bad = sources({ PARLEY_PORT: "x" });
  assertThrows(() => readServerOptions([], bad), UsageError, 'PARLEY_PORT "x": expected a whole');
});

Deno.test("variablesOf() follows one rule", () => {
  assertEquals(variablesOf(CLIENT).includes("PARLEY_REQUIRE_VERIFIED"), true);
  assertEquals(variablesOf(CLIENT).includes("PARLEY_JOIN"), false);
});

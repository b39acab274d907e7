import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import configuration from "../deno.json" with { type: "json" };
import { readClientOptions } from "../lib/cli/client_options.ts";
import { readServerOptions } from "../lib/cli/server_options.ts";
import { UsageError } from "../lib/errors.ts";
import { runClient, startClient } from "./helpers/clients.ts";
import { canRun } from "./helpers/permissions.ts";
import { run, start, startRelayProcess } from "./helpers/processes.ts";
import { relayWorld } from "./helpers/relay_world.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !canRun, fn });
}

/** Asserts one line on stderr, nothing on stdout, and the exit code. */
async function assertRefused(
  task: "server" | "client",
  args: string[],
  code: number,
  about: string,
): Promise<void> {
  const finished = task === "client" ? await runClient(args) : await run(task, args);
  assertEquals([finished.code, finished.stdout], [code, ""], finished.stderr);
  assertMatch(finished.stderr, /^parley: [^\n]+\n$/);
  assertStringIncludes(finished.stderr, about);
}

const BAD_SERVER_ARGS: [string[], string][] = [
  [["--port", "x"], "whole number from 0 to 65535"],
  [["--port", "65536"], "whole number from 0 to 65535"],
  [["--port", "-1"], "needs a value"],
  [["--port=-1"], "whole number from 0 to 65535"],
  [["--port", "1e3"], "whole number"],
  [["--port"], "needs a value"],
  [["--port="], "needs a value"],
  [["--port", "1", "--port", "2"], "given 2 times"],
  [["--max-payload", "1"], "whole number from"],
  [["--away", "86401"], "whole number from 0 to 86400"],
  [["--away", "2m"], "whole number"],
  [["--log-level", "loud"], "silent, error, info, debug, trace"],
  [["--no-such"], "not an option"],
  [["--\u001b[31m"], "not an option"],
  [["surplus"], "not an option"],
];

Deno.test("readServerOptions() refuses each bad argument with one line that says what was expected", () => {
  for (const [args, about] of BAD_SERVER_ARGS) {
    const { message } = assertThrows(() => readServerOptions(args), UsageError, about);
    assert(!message.includes("\n"), message);
  }
});

const BAD_CLIENT_ARGS: [string[], string][] = [
  [["--server", "nonsense"], "expected a URL"],
  [["--server", "ftp://localhost"], "expected a URL"],
  [["--server", "http://localhost/path"], "expected a URL"],
  [["--server", "http://user:secret@localhost"], "expected a URL"],
  [["--room", "a b"], "1 to 64 letters"],
  [["--room", ""], "needs a value"],
  [["--name", "x".repeat(128)], "at most 127 bytes"],
  [["--json=yes"], "takes no value"],
  [["--port", "1"], "not an option"],
];

Deno.test("readClientOptions() refuses each bad argument with one line that says what was expected", () => {
  for (const [args, about] of BAD_CLIENT_ARGS) {
    const { message } = assertThrows(() => readClientOptions(args), UsageError, about);
    assert(!message.includes("\n"), message);
  }
});

test("bad arguments end either program with one line and exit code 2", async () => {
  await assertRefused("server", ["--\u001b[31m"], 2, "not an option");
  await assertRefused("client", ["--server", "nonsense"], 2, "expected a URL");
});

for (const task of ["server", "client"] as const) {
  test(`deno task ${task} --help names every exit code, and --version is deno.json's`, async () => {
    const here = (...args: string[]) => task === "client" ? runClient(args) : run(task, args);
    const { code, stdout, stderr } = await here("--help");
    assertEquals([code, stderr], [0, ""]);
    for (const exit of task === "client" ? [0, 1, 2, 3, 4] : [0, 1, 2]) {
      assertMatch(stdout, new RegExp(`\\b${exit} [a-z]`));
    }
    const version = await here("--version");
    assertEquals([version.code, version.stdout], [0, `${configuration.version}\n`]);
  });
}

test("deno task server says in one line that its port is in use, and exits 1", async () => {
  await using relay = await startRelayProcess();
  await assertRefused("server", ["--port", new URL(relay.url).port], 1, "is in use");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`deno task server ends at ${signal} with exit code 0, with a client connected`, async () => {
    await using relay = await startRelayProcess();
    await using client = startClient("--server", relay.url, "--json");
    assertStringIncludes(String((await client.lines.next()).value), "waiting");
    relay.process.kill(signal);
    assertEquals((await relay.process.ended()).code, 0);
  });
}

test("deno task client says that no relay is there, and exits 4", async () => {
  // A port that was free a moment ago.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const args = ["--server", `http://127.0.0.1:${port}`];
  await assertRefused("client", args, 4, "deno task server");
});

test("deno task client says that the room is full, and exits 1", async () => {
  await using relay = await relayWorld();
  for (const _ of ["a", "b"]) await relay.connect();
  const third = await runClient(["--server", relay.url]);
  assertEquals(third.code, 1);
  assertStringIncludes(third.stderr, "the room is full");
});

/** Reads events until one of this name. */
async function until(
  lines: AsyncIterator<string>,
  name: string,
): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the client ended before ${name}`);
    const event = JSON.parse(value);
    if (event.event === name) return event;
  }
}

const SAID_BY_A = "hello\nwörld 你好 👋\n";
const SAID_BY_B = `from b\n\n  spaces\t\n${"long ".repeat(2000)}\nlast without newline`;

test("two clients on pipes print each other's lines exactly and exit 0; the relay sees none", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--room", "r1"];
  const [a, b] = await Promise.all([
    run("client", [...args, "--name", "Anna-Lena"], SAID_BY_A),
    runClient([...args, "--name", "Bartholomäus"], SAID_BY_B),
  ]);
  assertEquals([a.code, b.code], [0, 0], a.stderr + b.stderr);
  assertEquals(b.stdout, SAID_BY_A);
  assertEquals(a.stdout, `${SAID_BY_B}\n`);
  assertStringIncludes(a.stderr, "secure with Bartholomäus; their key is ");
  assertRelaySawNothing(relay.log.join("\n"), [...SAID_BY_A.split("\n"), ...SAID_BY_B.split("\n")]);
});

/** Looks for every line and name in all that the relay logged, as text, in base64 and in hexadecimal. */
function assertRelaySawNothing(log: string, lines: string[]): void {
  const payloads = [...log.matchAll(/base64=(\S+)/g)].map(([, payload]) => payload!);
  assert(payloads.length >= 12, "the log shows what crossed");
  const crossed = payloads.map((payload) => Uint8Array.fromBase64(payload).toHex());
  for (const word of [...lines, "Anna-Lena", "Bartholomäus"].map((line) => line.trim())) {
    if (word.length < 5) continue;
    const bytes = new TextEncoder().encode(word);
    assert(!log.includes(word), word);
    assert(!log.includes(bytes.toBase64().replace(/=*$/, "").slice(0, -1)), word);
    assert(!crossed.some((hex) => hex.includes(bytes.toHex())), word);
  }
}

test("lines typed before the other side is there are kept and sent", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--json"];
  await using a = startClient(...args);
  await until(a.lines, "waiting");
  await a.write("early 1\nearly 2\n");
  await using b = startClient(...args);
  assertEquals((await until(b.lines, "message")).text, "early 1");
  assertEquals((await until(b.lines, "message")).text, "early 2");
});

test("a client whose peer vanishes says so, names what is undelivered, and exits 1", async () => {
  await using relay = await relayWorld({ awaySeconds: 0 });
  const args = ["--server", relay.url, "--json"];
  await using a = startClient(...args);
  await using b = start("client", ...args);
  await Promise.all([until(a.lines, "secure"), until(b.lines, "secure")]);
  b.kill("SIGKILL");
  assertEquals((await until(a.lines, "peer-left")).clean, false);
  assertEquals((await a.ended()).code, 1);
});

test("--json gives one JSON object a line, and both sides the same safety number", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url, "--json"];
  const [a, b] = await Promise.all([
    runClient([...args, "--name", "A"], "one\n"),
    runClient([...args, "--name", "B"]),
  ]);
  assertEquals([a.code, b.code, a.stderr, b.stderr], [0, 0, "", ""]);
  const events = (stdout: string): Record<string, unknown>[] =>
    stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const secure = [a, b].map(({ stdout }) =>
    events(stdout).find(({ event }) => event === "secure")!
  );
  assertEquals(secure[0]!.safetyNumber, secure[1]!.safetyNumber);
  assertEquals(secure[0]!.ownFingerprint, secure[1]!.peerFingerprint);
  assertMatch(String(secure[0]!.peerFingerprint), /^(\d{5} ){11}\d{5}$/);
  assertEquals(secure[0]!.peerName, "B");
  const { event, text, sequence, signed } = events(b.stdout).find(({ event }) =>
    event === "message"
  )!;
  assertEquals({ event, text, sequence, signed }, {
    event: "message",
    text: "one",
    sequence: 0,
    signed: true,
  });
  assert(events(a.stdout).some(({ event, count }) => event === "delivered" && Number(count) > 0));
});

test("a line that can't be sent is named, the others arrive, and the exit code is 1", async () => {
  await using relay = await relayWorld();
  const args = ["--server", relay.url];
  const tooLong = "x".repeat(512 * 1024 + 1);
  const [a, b] = await Promise.all([
    runClient(args, `first\n${tooLong}\nlast\n`),
    runClient(args),
  ]);
  assertEquals([a.code, b.code], [1, 0]);
  assertEquals(b.stdout, "first\nlast\n");
  assertStringIncludes(a.stderr, "line 2 has 524289 bytes and was not sent");
});

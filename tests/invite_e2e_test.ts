/**
 * Invite codes between whole clients: through an honest relay, with a wrong code, and through a relay that
 * swaps every key.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NOUNS } from "../lib/protocol/words.ts";
import { type RunningClient, startClient } from "./helpers/clients.ts";
import { granted } from "./helpers/permissions.ts";
import { relayWorld } from "./helpers/relay_world.ts";
import { manInTheMiddle } from "./helpers/man_in_the_middle.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted("net"), fn });
}

/** Starts an inviter, and reads its code. */
async function inviter(
  url: string,
  ...more: string[]
): Promise<{ client: RunningClient; code: string }> {
  const client = startClient("--server", url, "--invite", "--json", ...more);
  const { event, code } = JSON.parse(String((await client.lines.next()).value));
  assertEquals(event, "invite");
  return { client, code };
}

/** Another code for the same room. */
function wrong(code: string): string {
  const [one, other] = NOUNS;
  return code.replace(/[a-z]+$/, (word) => word === one ? other! : one!);
}

const last = (stdout: string) => JSON.parse(stdout.trimEnd().split("\n").at(-1)!);

test("--invite and --join CODE meet, verified by the code, as --require-verified demands", async () => {
  await using relay = await relayWorld();
  const { client, code } = await inviter(relay.url, "--require-verified");
  await using a = client;
  await using b = startClient("--server", relay.url, "--join", code, "--require-verified");
  await a.write("hello\n");
  const [one, other] = await Promise.all([a.finish(), b.finish()]);
  assertEquals([one.code, other.code], [0, 0], other.stderr);
  assertEquals(other.stdout, "hello\n");
  assertStringIncludes(other.stderr, "checked by the invite code");
});

test("--join without a code takes it from the first line of stdin, so that no secret is in argv", async () => {
  await using relay = await relayWorld();
  const { client, code } = await inviter(relay.url);
  await using a = client;
  await using b = startClient("--server", relay.url, "--join");
  await b.write(`${code.toUpperCase().replaceAll("-", " ")}\nthe second line\n`);
  const [one, other] = await Promise.all([a.finish(), b.finish()]);
  assertEquals([one.code, other.code], [0, 0], other.stderr);
  assertStringIncludes(one.stdout, '"text":"the second line"');
});

test("a wrong code is refused on both sides with exit 3", async () => {
  await using relay = await relayWorld();
  const { client, code } = await inviter(relay.url);
  await using a = client;
  await using b = startClient("--server", relay.url, "--join", wrong(code), "--json");
  await a.write("a secret\n");
  const [one, other] = await Promise.all([a.ended(), b.ended()]);
  assertEquals([one.code, other.code], [3, 3]);
  for (const { stdout } of [one, other]) {
    assertEquals(last(stdout).code, "bad-code");
    assertEquals(stdout.includes('"event":"secure"'), false);
  }
});

test("a relay that swaps every key is refused by both, with exit 3", async () => {
  await using relay = await manInTheMiddle();
  const { client, code } = await inviter(relay.url);
  await using a = client;
  await using b = startClient("--server", relay.url, "--join", code, "--json");
  const [one, other] = await Promise.all([a.ended(), b.ended()]);
  assertEquals([one.code, other.code], [3, 3]);
  assertEquals([last(one.stdout).code, last(other.stdout).code], ["bad-code", "bad-code"]);
});

test("the same relay does come between two who use no code, and the safety numbers show it", async () => {
  await using relay = await manInTheMiddle();
  const args = ["--server", relay.url, "--json"];
  await using a = startClient(...args, "--name", "Alice");
  await using b = startClient(...args, "--name", "Bob");
  await a.write("hello\n");
  const [one, other] = await Promise.all([a.finish(), b.finish()]);
  assertStringIncludes(other.stdout, '"text":"hello"');
  assertEquals(relay.read, ["hello"], "this is what a code, or /verify, protects from");
  const number = (stdout: string) => stdout.match(/"safetyNumber":"([\d ]+)"/)![1];
  assertMatch(number(one.stdout)!, /^\d/);
  assertEquals(number(one.stdout) === number(other.stdout), false);
});

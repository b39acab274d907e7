/**
 * The library as an engineer meets it: the example that stands in its documentation, and the files that are published.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Conversation,
  type ConversationEvent,
  openConversation,
  startRelay,
} from "../lib/mod.ts";
import { inTime } from "./helpers/deadline.ts";
import { canRun, granted } from "./helpers/permissions.ts";
import { startProgram } from "./helpers/processes.ts";

const ROOT = new URL("../", import.meta.url);

/** Runs the example in the module's documentation, at this relay. */
async function startBot(server: string): Promise<Conversation> {
  const text = await Deno.readTextFile(new URL("lib/mod.ts", ROOT));
  const [, example] = /```ts\n([^]*?) \* ```/.exec(text)!;
  const lines = example!.replaceAll(/^ \* ?/gm, "").split("\n").filter((line) => line !== "");
  assertEquals(lines.length <= 10, true, `${lines.length} lines`);
  const [imports, ...body] = lines;
  assertEquals(imports, 'import { openConversation } from "@parley/parley";');
  const code = body.join("\n").replace('"http://localhost:5000"', JSON.stringify(server));
  assertStringIncludes(code, server);
  const main = new Function("openConversation", `return (async () => { ${code}\nreturn bot; })()`);
  return await main(openConversation);
}

Deno.test({
  name: "the example in the documentation of lib/mod.ts is a bot that answers",
  ignore: !granted("net", "read"),
  async fn() {
    const relay = await startRelay({ port: 0 });
    const bot = await startBot(relay.url);
    const alice = await openConversation({ server: relay.url, room: "echo", name: "Alice" });
    const answer = new Promise<ConversationEvent>((resolve) =>
      alice.subscribe((event) => event.type === "message" && resolve(event))
    );
    alice.connect();
    alice.say("hello?");
    const event = await inTime("the answer", answer);
    assert(event.type === "message");
    assertEquals([event.text, event.signed], ["You said: hello?", true]);
    await Promise.all([alice.close(), bot.close()]);
    await relay.close();
  },
});

Deno.test({
  name: "deno publish takes every type of lib/, and ships the library and the entry points alone",
  ignore: !canRun,
  async fn() {
    await using publish = startProgram(Deno.execPath(), [
      "publish",
      "--dry-run",
      "--allow-dirty",
      "--no-check",
    ], {
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await publish.finish();
    assertEquals(code, 0, stderr);
    assertEquals(/^(warning|error)\b.*/m.exec(stderr)?.[0], undefined);
    const paths = (stdout + stderr).matchAll(/^ +file:\/\/(\S+) \(/gm);
    const files = Array.from(paths, ([, path]) => path!.slice(ROOT.pathname.length));
    assertEquals(files.filter((path) => !path.startsWith("lib/")).sort(), [
      "LICENSE",
      "README.md",
      "client.ts",
      "deno.json",
      "profile.ts",
      "server.ts",
      "verify.ts",
    ]);
    for (const path of ["lib/mod.ts", "lib/crypto/mod.ts"]) assert(files.includes(path), path);
  },
});

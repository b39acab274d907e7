import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Explainer } from "../../lib/conversation/explain.ts";
import { textWidth } from "../../lib/terminal/text_width.ts";
import { GROUP } from "../../lib/protocol/wire.ts";
import { SMALL_GROUP } from "../helpers/session_pair.ts";
import { FakeRelay } from "./fake_relay.ts";

/** Two who talk, one of them with explanations; gives the explained blocks. */
async function explained(
  detail: "steps" | "all",
  code: string | null = null,
  group = SMALL_GROUP,
): Promise<string[]> {
  const relay = new FakeRelay();
  relay.group = group;
  const a = relay.prepare("alice", { handshake: { code, name: "Alice's own name" } });
  const { view } = a;
  const explainer = new Explainer(detail, (lines) => a.events.report({ type: "explain", lines }));
  a.conversation.subscribe((event) => explainer.take(event));
  a.connect();
  const b = relay.join("bob", { handshake: { code, name: "Bob's own name" } });
  a.conversation.say("attack at dawn");
  await b.view.until("message");
  b.conversation.say("understood", "over");
  await view.until("message", 2);
  a.conversation.say("out");
  await b.view.until("message", 2);
  for (const { conversation } of [a, b]) conversation.finish();
  await a.conversation.until(() => a.conversation.settled);
  await explainer.idle();
  return view.all("explain").map(({ lines }) => lines.join("\n"));
}

const titles = (blocks: string[]) =>
  blocks.map((block) => block.split("\n")[0]!.split(":")[0]!.trim());

Deno.test("Explainer explains the seven steps in their order, with one message each way", async () => {
  assertEquals(titles(await explained("steps")), [
    "1  KEYS",
    "2  KEY_EXCHANGE",
    "3  ELGAMAL_PK",
    "3  ELGAMAL_PK_BC",
    "4  DEFF_HELLMAN_PK",
    "5  VERIFY",
    "6  SECRET",
    "SECURE",
    "SECURE_BC",
    "secure",
    "7  message",
    "7  received_message",
  ]);
});

Deno.test("Explainer explains every message and each ratchet step on demand", async () => {
  const blocks = await explained("all");
  assert(blocks.filter((block) => block.startsWith("7  message")).length > 2);
  assert(blocks.some((block) => block.includes("an answer has a fresh pair")));
});

heavyTest(
  "Explainer shows both sides of the verification equation, and that they are equal",
  async () => {
    const block = (await explained("steps", null, GROUP)).find((block) => block.startsWith("5"))!;
    const [, left] = block.match(/g\^h +([0-9a-f…]+)/)!;
    const [, right] = block.match(/y'\^r r\^s +([0-9a-f…]+) +equal/)!;
    assertEquals(left, right);
    assertMatch(block, /1 < r < p: true; 0 < s < q: true; \(r\/p\) = 1/);
  },
);

Deno.test("Explainer shows nothing of what was said, no name, and of an invite code only that there is one", async () => {
  const code = "7-calm-harbor-lantern";
  const text = (await explained("all", code)).join("\n");
  for (const secret of ["attack", "dawn", "understood", "own name", "calm", "harbor", "lantern"]) {
    assert(!text.includes(secret), secret);
  }
  assert(text.includes("G from the invite code (CPace)"));
});

Deno.test("Explainer fits 100 columns", async () => {
  for (const line of (await explained("all")).join("\n").split("\n")) {
    assert(textWidth(line) <= 100, line);
  }
});

Deno.test("Explainer leaves malformed messages to the session, and says nothing when it is off", async () => {
  const explained: (readonly string[])[] = [];
  const explainer = new Explainer("all", (lines) => explained.push(lines));
  const wire = { type: "wire", direction: "in" } as const;
  explainer.take({ ...wire, event: "ELGAMAL_PK_BC", payload: new Uint8Array(7) });
  explainer.take({ ...wire, event: "SECURE_BC", payload: "text" });
  explainer.take({ ...wire, event: "received_message", payload: null });
  await explainer.idle();
  assertEquals(explained, []);
  explainer.detail = "off";
  explainer.take({ type: "step", step: "keys-made" });
  await explainer.idle();
  assertEquals(explained, []);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CheckError } from "../../lib/errors.ts";
import type { ConversationEvent } from "../../lib/conversation/events.ts";
import { JsonView } from "../../lib/pipe/json_view.ts";
import { noticeFor } from "../../lib/conversation/notices.ts";
import { PipeView } from "../../lib/pipe/pipe_view.ts";
import { safeText } from "../../lib/safe_text.ts";
import { FakeRelay } from "../conversation/fake_relay.ts";

const message = (text: string) =>
  ({ type: "message", text, time: 0, sequence: 0, signed: true }) as const;

Deno.test("PipeView writes a message as one line to stdout, and notices to stderr", () => {
  const [out, notices]: [string[], string[]] = [[], []];
  const view = new PipeView((line) => out.push(line), (line) => notices.push(line), (text) => text);
  view.show(message("one\ntwo\x1b[31m"));
  view.show({ type: "disconnected" });
  view.show({ type: "delivered", count: 1, lines: [] });
  assertEquals(out, ["one␊two\x1b[31m"]);
  assertEquals(notices, [
    "parley: the connection to the relay broke; trying again, and what you say is kept",
  ]);
});

Deno.test("PipeView on a terminal writes nothing that the terminal would obey", () => {
  const out: string[] = [];
  const view = new PipeView((line) => out.push(line), () => {}, (text) => safeText(text));
  view.show(message("\x1b]0;title\x07\u202e"));
  assertEquals(out, ["␛]0;title␇<U+202E>"]);
});

Deno.test("JsonView writes one line of JSON whatever the text holds", () => {
  const out: string[] = [];
  new JsonView((line) => out.push(line)).show(message("one\ntwo\u2028\x1b"));
  assertEquals(out.length, 1);
  assert(!out[0]!.includes("\n"));
  assertEquals(JSON.parse(out[0]!), {
    event: "message",
    text: "one\ntwo\u2028\x1b",
    time: 0,
    sequence: 0,
    signed: true,
  });
});

Deno.test("JsonView writes nothing raw that a terminal would obey, hide or use to reorder", () => {
  const out: string[] = [];
  const event = message("\x9b2J \x7f \u202eevil \u2066 \u{e0041} é 你 👋");
  new JsonView((line) => out.push(line)).show(event);
  assert(!/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(out[0]!), out[0]);
  assertStringIncludes(out[0]!, "\\u009b2J \\u007f \\u202eevil \\u2066 \\udb40\\udc41 é 你 👋");
  assertEquals(JSON.parse(out[0]!).text, event.text);
});

Deno.test("JsonView escapes what is not ASCII when asked to, which means the same", () => {
  const out: string[] = [];
  const event = message("你 👋 \x7f\n");
  new JsonView((line) => out.push(line), { ascii: true }).show(event);
  assert(/^[\x20-\x7e]*$/.test(out[0]!), out[0]);
  assertEquals(JSON.parse(out[0]!).text, event.text);
});

Deno.test("JsonView shows no key material in a secure event", async () => {
  const relay = new FakeRelay();
  const [a] = [relay.join("alice"), relay.join("bob")];
  await a.view.until("secure");
  const out: string[] = [];
  new JsonView((line) => out.push(line)).show(a.view.all("secure")[0]!);
  assertEquals(Object.keys(JSON.parse(out[0]!)).sort(), [
    "again",
    "deniable",
    "event",
    "invited",
    "ownFingerprint",
    "peerFingerprint",
    "peerName",
    "safetyNumber",
    "sessionId",
  ]);
});

Deno.test("noticeFor() makes a hostile name and a hostile error harmless", async () => {
  const relay = new FakeRelay();
  const a = relay.join("alice");
  relay.join("bob", { handshake: { name: "B\x1b[2Job\u202e" } });
  await a.view.until("secure");
  const notice = noticeFor(a.view.all("secure")[0]!)!;
  assertStringIncludes(notice, 'secure with "B␛[2Job<U+202E>"; their key is ');
  const error = new CheckError("bad-key", "x\x1b[31m");
  assertEquals(noticeFor({ type: "error", error }), "x␛[31m");
});

Deno.test("noticeFor() counts in words that fit", () => {
  const left = (clean: boolean, ...undelivered: string[]) =>
    noticeFor({ type: "peer-left", clean, undelivered });
  assertEquals(left(true), "the other side has left");
  assertEquals(left(false), "the other side vanished without a goodbye");
  assertEquals(left(true, "x"), "the other side has left; not known to have arrived: 1 line");
  assertEquals(
    noticeFor({ type: "gap", from: 1, to: 3 }),
    "2 messages of theirs missing; later ones are held back",
  );
});

Deno.test("noticeFor() has a harmless sentence for every file event but progress", () => {
  const id = "00";
  const bytes = 3 << 20;
  const notices: [event: ConversationEvent, notice: string | null][] = [
    [
      { type: "file-offered", id, number: 2, name: "a\x1b.jpg", bytes },
      "the other side offers file 2: a␛.jpg, 3 MiB",
    ],
    [
      { type: "file-progress", id, direction: "in", done: 1, bytes, rate: 1, secondsLeft: 1 },
      null,
    ],
    [{ type: "file-received", id, path: "received/a\x1b", bytes }, "received received/a␛, 3 MiB"],
    [{ type: "file-sent", id, name: "a\x1b", bytes }, "the other side has a␛, 3 MiB"],
    [{ type: "file-held", id, by: "you" }, "you have paused a file"],
    [{ type: "file-held", id, by: "peer" }, "the other side has paused a file"],
    [{ type: "file-held", id, by: "disk", code: "disk-full", message: "full\x1b" }, "full␛"],
    [{ type: "file-stopped", id, code: "file-changed", message: "a\x1b changed" }, "a␛ changed"],
  ];
  for (const [event, notice] of notices) assertEquals(noticeFor(event), notice, event.type);
});

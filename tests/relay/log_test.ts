import { assertEquals } from "@std/assert";
import { lineLog } from "../../lib/relay/log.ts";

Deno.test("lineLog() writes what is at most as loud as its threshold", () => {
  const lines: string[] = [];
  const log = lineLog("info", (line) => lines.push(line), () => 0);
  log("error", "broke", {});
  log("info", "joined", { room: "r", members: 1 });
  log("debug", "relayed", { bytes: 7 });
  assertEquals(lines, [
    "1970-01-01T00:00:00.000Z error broke",
    "1970-01-01T00:00:00.000Z info joined room=r members=1",
  ]);
});

Deno.test("lineLog() computes a costly detail only where it is written", () => {
  const lines: string[] = [];
  const detail = () => {
    lines.push("computed");
    return "x";
  };
  lineLog("debug", (line) => lines.push(line), () => 0)("trace", "payload", { detail });
  assertEquals(lines, []);
  lineLog("trace", (line) => lines.push(line), () => 0)("trace", "payload", { detail });
  assertEquals(lines, ["computed", "1970-01-01T00:00:00.000Z trace payload detail=x"]);
});

Deno.test("lineLog() quotes what could be taken for something else", () => {
  const lines: string[] = [];
  const log = lineLog("info", (line) => lines.push(line), () => 0);
  const event = 'x"\n1970-01-01T00:00:00.000Z info joined room=r\x1b[2J\u202e members=2';
  log("info", "unknown event", { event, path: "/a=b" });
  assertEquals(lines, [
    '1970-01-01T00:00:00.000Z info unknown event event="x\\"\\n1970-01-01T00:00:00.000Z info ' +
    'joined room=r\\u001b[2J\\u202e members=2" path=/a=b',
  ]);
});

Deno.test("lineLog() at silent writes nothing", () => {
  const lines: string[] = [];
  lineLog("silent", (line) => lines.push(line), () => 0)("error", "broke", {});
  assertEquals(lines, []);
});

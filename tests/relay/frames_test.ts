import { assertEquals } from "@std/assert";
import { frameOf, readFrame, webSocketHeader } from "../../lib/relay/frames.ts";
import { RELAYED, type RelayedEvent } from "../../lib/relay/wire_events.ts";

Deno.test("frameOf() puts the event's number in front, and readFrame() reads it", () => {
  const payload = Uint8Array.of(7, 8, 9);
  const frames = Object.keys(RELAYED).map((event) => frameOf(event as RelayedEvent, payload));
  assertEquals(frames.map(([number]) => number), [1, 2, 3, 4]);
  assertEquals(frames.map(readFrame), [
    ["ELGAMAL_PK", payload],
    ["DEFF_HELLMAN_PK", payload],
    ["SECURE", payload],
    ["message", payload],
  ]);
  assertEquals(frameOf("message", payload, 2), Uint8Array.of(0, 0, 4, 7, 8, 9));
  for (const bytes of [[], [0], [5, 1], [255]]) {
    assertEquals(readFrame(Uint8Array.from(bytes))[0], undefined);
  }
});

Deno.test("webSocketHeader() is RFC 6455's for a final, binary, unmasked frame, at each width of the length", () => {
  const cases: [length: number, header: number[]][] = [
    [0, [0x82, 0]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [65_535, [0x82, 126, 255, 255]],
    [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ];
  for (const [length, header] of cases) {
    assertEquals([...webSocketHeader(length)], header, String(length));
  }
});

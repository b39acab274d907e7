import { assert, assertEquals } from "@std/assert";
import { type Moving, percent, progressLine, timeText } from "../../lib/chat/file_words.ts";
import { sizeText } from "../../lib/conversation/notices.ts";
import { textWidth } from "../../lib/terminal/text_width.ts";

Deno.test("sizeText() rounds to what people read, and never to 1024 of a unit", () => {
  const sizes: [bytes: number, text: string][] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1023 bytes"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [10 * 1024 - 1, "10 KiB"],
    [1024 * 1024 - 1, "1 MiB"],
    [3.2 * 1024 ** 2, "3.2 MiB"],
    [700 * 1024 ** 3, "700 GiB"],
    [2 ** 50, "1024 TiB"],
  ];
  for (const [bytes, text] of sizes) assertEquals(sizeText(bytes), text);
});

Deno.test("timeText() and percent() never promise too much", () => {
  assertEquals([0, 0.1, 99, 99.5, 5940, 5941].map(timeText), [
    "0 s",
    "1 s",
    "99 s",
    "2 min",
    "99 min",
    "2 h",
  ]);
  assertEquals([percent(0, 0), percent(999, 1000), percent(1000, 1000)], [100, 99, 100]);
});

const PHOTO: Moving = {
  direction: "in",
  name: "photo.jpg",
  done: 45,
  bytes: 100,
  rate: 3.2 * 1024 ** 2,
  secondsLeft: 12,
};

Deno.test("progressLine() has a bar where there is room, and none where there is not", () => {
  assertEquals(progressLine([], 80), "");
  assertEquals(
    progressLine([PHOTO], 80),
    "↓ photo.jpg [#########-----------] 45% 3.2 MiB/s 12 s left",
  );
  assertEquals(progressLine([PHOTO], 45), "↓ photo.jpg 45% 3.2 MiB/s 12 s left");
  assertEquals(progressLine([PHOTO], 46), "↓ photo.jpg [###-----] 45% 3.2 MiB/s 12 s left");
  const reading: Moving = {
    ...PHOTO,
    direction: "reading",
    name: "big.iso",
    rate: 0,
    secondsLeft: null,
  };
  assertEquals(progressLine([reading], 20), "reading big.iso 45%");
});

Deno.test("progressLine() shows several in both directions, as many as fit", () => {
  const other: Moving = { ...PHOTO, direction: "out", name: "b", secondsLeft: null };
  assertEquals(
    progressLine([PHOTO, other], 80),
    "↓ photo.jpg 45% 3.2 MiB/s 12 s left  ↑ b 45% 3.2 MiB/s",
  );
  assertEquals(progressLine([PHOTO, other], 40), "↓ photo.jpg 45%  ↑ b 45%");
  assertEquals(progressLine([PHOTO, other], 10), "2 files");
  const many = Array.from({ length: 16 }, () => PHOTO);
  const line = progressLine(many, 64);
  assertEquals(line, "↓ photo.jpg 45%  ↓ photo.jpg 45%  ↓ photo.jpg 45%  and 13 more");
});

Deno.test("progressLine() keeps a hostile name short and harmless", () => {
  const name = `\x1b[2J\u202e${"very ".repeat(100)}long`;
  const line = progressLine([{ ...PHOTO, name }], 80);
  assert(textWidth(line) <= 80, line);
  // deno-lint-ignore no-control-regex -- they are what must not be there
  assert(!/[\x00-\x1f\u202e]/.test(line), line);
});

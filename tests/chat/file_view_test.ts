import { assertEquals } from "@std/assert";
import { fileRow, FileView } from "../../lib/chat/file_view.ts";
import type { TransferState } from "../../lib/transfer/transfer_events.ts";

/** A file with its phase and, at the end, what `/files` says of it and whether leaving would leave it behind. */
const FILES: [Partial<TransferState>, row: string, isUnfinished: boolean][] = [
  [{ direction: "in", phase: "offered" }, "↓ a.bin, 200 bytes: /accept 7 or /refuse 7", false],
  [{ direction: "out", phase: "offered" }, "↑ a.bin, 200 bytes: not accepted yet", true],
  [{ direction: "in", phase: "active" }, "↓ a.bin, 200 bytes: 25%", true],
  [{ direction: "out", phase: "held" }, "↑ a.bin, 200 bytes: paused at 25%; /resume 7", true],
  [
    { direction: "in", phase: "done", path: "received/b.bin" },
    "↓ a.bin, 200 bytes: is received/b.bin",
    false,
  ],
  [
    { direction: "out", phase: "done", path: "out/a.bin" },
    "↑ a.bin, 200 bytes: they have it",
    false,
  ],
  [{ direction: "in", phase: "done", path: null }, "↓ a.bin, 200 bytes: they have it", false],
  [{ direction: "in", phase: "refused" }, "↓ a.bin, 200 bytes: refused", false],
  [{ direction: "out", phase: "stopped" }, "↑ a.bin, 200 bytes: stopped", false],
];

function stateOf(changes: Partial<TransferState>): TransferState {
  const own = { number: 7, id: "id", name: "a.bin", bytes: 200, done: 50, rate: 0 } as const;
  return { ...own, direction: "in", phase: "active", secondsLeft: null, path: null, ...changes };
}

/** A view that draws nothing, and its notices. */
function viewOf(...list: TransferState[]): { view: FileView; notices: string[] } {
  const notices: string[] = [];
  const notice = (text: string) => void notices.push(text);
  const options = { list: () => list, notice, changed: () => {}, peer: () => "Bob", draws: false };
  return { view: new FileView(options), notices };
}

Deno.test("fileRow() and FileView.unfinished say where each file stands, and which would still arrive", () => {
  for (const [changes, row, isUnfinished] of FILES) {
    const state = stateOf(changes);
    assertEquals(fileRow(state, true), `7  ${row}`);
    assertEquals(viewOf(state).view.unfinished, Number(isUnfinished), row);
  }
});

Deno.test("FileView without a line reports a quarter, a half and three quarters of a file, once each", () => {
  const { view, notices } = viewOf(stateOf({}));
  const done = [0, 49, 50, 51, 99, 100, 150, 200];
  for (const bytes of done) {
    const state = { direction: "in", done: bytes, bytes: 200, rate: 0, secondsLeft: null } as const;
    view.show({ type: "file-progress", id: "id", ...state });
  }
  assertEquals(notices, ["a.bin: 25%", "a.bin: 50%", "a.bin: 75%"]);
});

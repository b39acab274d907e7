import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FileCommands, parsePath } from "../../lib/chat/file_commands.ts";
import type { TransferState } from "../../lib/transfer/transfer_events.ts";
import { TransferError } from "../../lib/transfer/errors.ts";

Deno.test("parsePath() takes a path as it is typed, and as terminals write dropped files", () => {
  const paths: [typed: string, path: string][] = [
    ["photo.jpg", "photo.jpg"],
    [" my photo.jpg ", "my photo.jpg"],
    ["/tmp/my\\ photo\\ \\(1\\).jpg ", "/tmp/my photo (1).jpg"],
    ["'/tmp/my photo.jpg'", "/tmp/my photo.jpg"],
    [`'/tmp/it'\\''s.txt'`, "/tmp/it's.txt"],
    [`"/tmp/a \\"b\\" \\c.txt"`, `/tmp/a "b" \\c.txt`],
    ["it's mine.txt", "it's mine.txt"],
    ["'not closed", "'not closed"],
    ["C:\\Users\\eve\\x.txt", "C:\\Users\\eve\\x.txt"],
    ["~/a b", "/home/eve/a b"],
    ["~eve/a", "~eve/a"],
    ["~", "~"],
    ["'~/a'", "~/a"],
    ["", ""],
    ["''", ""],
  ];
  for (const [typed, path] of paths) assertEquals(parsePath(typed, "/home/eve"), path, typed);
  assertEquals(parsePath("~/a", null), "~/a");
});

/** A file of a list. */
function file(number: number, rest: Partial<TransferState> = {}): TransferState {
  return {
    number,
    id: `id${number}`,
    direction: "in",
    name: `file${number}\x1b`,
    bytes: 2048,
    phase: "offered",
    done: 0,
    rate: 0,
    secondsLeft: null,
    path: null,
    ...rest,
  };
}

/** Commands over a list, and all that they did, in order. */
function commandsOver(
  files: readonly TransferState[],
  { mayRead = true, fails = null as Error | null, draws = true } = {},
) {
  const done: string[] = [];
  const settled = Promise.withResolvers<void>();
  const commands = new FileCommands({
    conversation: {
      files: {
        list: () => files,
        busy: false,
        act: (action, name) => {
          if (!files.some(({ number }) => number === name)) {
            throw new TransferError("no-such-file", `there is no file ${name}`);
          }
          done.push(`${action} ${name}`);
        },
      },
      sendFile: (path, progress) => {
        progress?.(1, 2);
        done.push(`send ${path}`);
        return fails === null ? Promise.resolve() : Promise.reject(fails);
      },
    },
    peer: () => "Bob",
    view: {
      read: (name) => ({
        progress: (bytes) => done.push(`reading ${name}: ${bytes}`),
        end: () => {
          done.push("end");
          settled.resolve();
        },
      }),
    },
    home: "/home/eve",
    mayRead: (path) => {
      done.push(`may ${path}`);
      return mayRead;
    },
    notice: (text) => done.push(`- ${text}`),
    fail: (text) => done.push(`! ${text}`),
    row: (text) => done.push(text),
    draws,
  });
  return { commands, done, settled: settled.promise };
}

Deno.test("FileCommands.send() asks before it returns, reads and offers", async () => {
  const { commands, done, settled } = commandsOver([]);
  commands.send("~/a b.txt");
  assertEquals(done[0], "may /home/eve/a b.txt");
  await settled;
  assertEquals(done.slice(1), [
    "reading a b.txt: 1",
    "send /home/eve/a b.txt",
    "- offered a b.txt: waiting for Bob to accept",
    "end",
  ]);
  commands.send(" ");
  assertEquals(done.at(-1), "- name the file: /send FILE");
});

Deno.test("FileCommands.send() says what to do where a file may not be read, and reads nothing", () => {
  const { commands, done } = commandsOver([], { mayRead: false });
  commands.send("secret\x1b.txt");
  assertEquals(done.slice(0, -1), ["may outbox/secret\x1b.txt", "may secret\x1b.txt"]);
  assertMatch(done.at(-1)!, /^! secret␛\.txt was not sent: .*outbox\/.*--files/);
});

Deno.test("FileCommands.offer() takes its path as it is, also a bare name", () => {
  const { commands, done } = commandsOver([]);
  commands.offer("a.txt");
  assertEquals(done.slice(0, 3), ["may a.txt", "reading a.txt: 1", "send a.txt"]);
});

Deno.test("FileCommands.send() looks in the next place only after cannot-read", async () => {
  const { commands, done, settled } = commandsOver([], { fails: new TypeError("oops") });
  commands.send("a");
  await settled;
  assertEquals(done.filter((line) => line.startsWith("send ")), ["send outbox/a"]);
});

for (
  const [what, error, shown] of [
    [
      "TransferError",
      new TransferError("cannot-read", "a\x1b can't be read"),
      "! a␛ can't be read",
    ],
    ["bug", new TypeError("oops"), "! an internal error, which is a bug in parley: oops"],
  ] as const
) {
  Deno.test(`FileCommands.send() shows a ${what} and throws nothing`, async () => {
    const { commands, done, settled } = commandsOver([], { fails: error });
    commands.send("a");
    await settled;
    assertStringIncludes(done.at(-2)!, shown);
    assertEquals(done.at(-1), "end");
  });
}

Deno.test("FileCommands.act() needs no number where exactly one file is meant", () => {
  const files = [
    file(1, { phase: "done" }),
    file(2),
    file(3, { direction: "out" }),
    file(4, { phase: "active" }),
    file(5, { phase: "held" }),
  ];
  const { commands, done } = commandsOver(files);
  commands.act("accept", "");
  commands.act("refuse", "");
  commands.act("pause", "");
  commands.act("resume", "");
  assertEquals(done, [
    "accept 2",
    "- taking file2␛",
    "refuse 2",
    "pause 4",
    "resume 5",
    "- file5␛ goes on",
  ]);
  done.length = 0;
  commands.act("cancel", "");
  assertEquals(done, ["- which one? 2 file2␛, 3 file3␛, 4 file4␛, 5 file5␛: /cancel 2"]);
  assertEquals([commands.numbers("cancel"), commands.numbers("pause")], [["2", "3", "4", "5"], [
    "4",
  ]]);
});

Deno.test("FileCommands.act() takes a number, and says when it is none or there is no such file", () => {
  const { commands, done } = commandsOver([file(1), file(2)]);
  commands.act("accept", "2");
  assertEquals(done.splice(0), ["accept 2", "- taking file2␛"]);
  for (const argument of ["0", "two", "1 2", "-1", "1e1", "99999999999"]) {
    commands.act("accept", argument);
    assertEquals(done.splice(0), ["- say the file's number: /accept 1; /files lists them"]);
  }
  commands.act("accept", "7");
  assertEquals(done.splice(0), ["! there is no file 7; /files lists them"]);
});

Deno.test("FileCommands.act() says when there is nothing to act on", () => {
  const { commands, done } = commandsOver([file(1, { phase: "refused" })]);
  for (const action of ["accept", "refuse", "pause", "resume", "cancel"] as const) {
    commands.act(action, "");
  }
  assertEquals(done, [
    "- no file waits for your answer",
    "- no file waits for your answer",
    "- no file is moving",
    "- no file is paused",
    "- no file to cancel",
  ]);
});

Deno.test("FileCommands.list() shows number, direction, name, size and what can be done", () => {
  const files = [
    file(1),
    file(2, { direction: "out" }),
    file(3, { phase: "active", done: 1024 }),
    file(4, { phase: "held", done: 512 }),
    file(5, { phase: "done", path: "received/x\x1b" }),
    file(6, { phase: "done", direction: "out" }),
    file(7, { phase: "refused" }),
    file(8, { phase: "stopped" }),
  ];
  const { commands, done } = commandsOver(files);
  commands.list();
  assertEquals(done, [
    "  1  ↓ file1␛, 2 KiB: /accept 1 or /refuse 1",
    "  2  ↑ file2␛, 2 KiB: not accepted yet",
    "  3  ↓ file3␛, 2 KiB: 50%",
    "  4  ↓ file4␛, 2 KiB: paused at 25%; /resume 4",
    "  5  ↓ file5␛, 2 KiB: is received/x␛",
    "  6  ↑ file6␛, 2 KiB: they have it",
    "  7  ↓ file7␛, 2 KiB: refused",
    "  8  ↓ file8␛, 2 KiB: stopped",
  ]);
  const plain = commandsOver(files.slice(0, 2), { draws: false });
  plain.commands.list();
  assertEquals(plain.done.map((row) => row.split(",")[0]), [
    "  1  from them: file1␛",
    "  2  from you: file2␛",
  ]);
  const none = commandsOver([]);
  none.commands.list();
  assertEquals(none.done, ["- no files yet: /send FILE offers one"]);
});

import { assertEquals } from "@std/assert";
import { keyChangeLines } from "../../lib/chat/key_words.ts";

const [BEFORE, NOW] = ["1", "2"].map((digit) => Array(12).fill(digit.repeat(5)).join(" "));

Deno.test("keyChangeLines() shows both keys, what it may mean and what can be done, in 40 columns and 20 lines", () => {
  const change = {
    contact: "bob",
    knownFingerprint: BEFORE!,
    peerFingerprint: NOW!,
    wasVerified: true,
    invited: true,
    firstSeen: 0,
    lastSeen: 0,
  };
  const row = (digit: string) => `  ${Array(4).fill(digit.repeat(5)).join(" ")}`;
  const all = [
    "The key since 1970-01-01, verified:",
    ...Array(3).fill(row("1")),
    "The key now:",
    ...Array(3).fill(row("2")),
    "Bob may have a new device or profile,",
    "or no --profile: a new key in every run.",
    "Or somebody is in between, reads along,",
    "or only says to be Bob.",
    "Whoever is there proved the invite code.",
    "Ask Bob for the digits of the key by",
    "another way: there, /who shows them.",
    "The same? Type /accept-new-key",
    "Not sure? Leave: /exit",
  ];
  assertEquals(keyChangeLines(change, "Bob"), all);
  assertEquals(
    keyChangeLines({ ...change, wasVerified: false, invited: false }, "Bob"),
    ["The key since 1970-01-01:", ...all.slice(1, 12), ...all.slice(13)],
  );
});

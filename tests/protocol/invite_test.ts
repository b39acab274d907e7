import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { ParleyError } from "../../lib/errors.ts";
import { completeInvite, makeInvite, parseInvite } from "../../lib/protocol/invite.ts";
import { ADJECTIVES, NOUNS } from "../../lib/protocol/words.ts";
import { isAllottedRoom } from "../../lib/relay/wire_events.ts";
import { seededRandom } from "../helpers/seeded_random.ts";

Deno.test("the word lists have 256 words each, none twice, all easy to type", () => {
  for (const list of [ADJECTIVES, NOUNS]) {
    assertEquals(list.length, 256);
    assertEquals(new Set(list).size, 256);
    for (const word of list) assert(/^[a-z]{3,9}$/.test(word), word);
  }
});

Deno.test("the words differ by at least two letters, so that one slip makes no other word", () => {
  const words = [...ADJECTIVES, ...NOUNS];
  const near = new Map<string, string>();
  for (const word of words) {
    // All that one deletion leaves; one substitution or insertion away means a common one.
    for (let i = 0; i < word.length; i++) {
      const form = `${word.slice(0, i)}*${word.slice(i + 1)}`;
      assert(!near.has(form), `${word} ~ ${near.get(form)}`);
      near.set(form, word);
      assert(!words.includes(word.slice(0, i) + word.slice(i + 1)), word);
    }
  }
});

Deno.test("makeInvite() draws three words for a room, and parseInvite() reads both back", () => {
  const random = seededRandom("invites");
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const invite = makeInvite(`invite-${i + 1}`, random);
    assertEquals(parseInvite(invite.code), invite);
    assert(isAllottedRoom(invite.room), invite.room);
    seen.add(invite.code);
  }
  assertEquals(seen.size, 1000);
  for (const room of ["lobby", "invite-", "invite-0", "invite-07", "invite-7x", "invite"]) {
    assertThrows(() => makeInvite(room, random), RangeError);
  }
});

Deno.test("makeInvite() uses every word of its lists: 24 secret bits", () => {
  const used = [new Set<string>(), new Set<string>(), new Set<string>()];
  const random = seededRandom("coverage");
  for (let i = 0; i < 5000; i++) {
    const words = makeInvite("invite-7", random).code.split("-").slice(1);
    for (const [place, word] of words.entries()) used[place]!.add(word);
  }
  assertEquals(used.map(({ size }) => size), [256, 256, 256]);
});

Deno.test("parseInvite() reads any case, spaces and hyphens", () => {
  const [adjective, one, other] = [ADJECTIVES[3], NOUNS[7], NOUNS[200]];
  const code = `42-${adjective}-${one}-${other}`;
  for (
    const typed of [
      code,
      ` ${code.toUpperCase()} `,
      code.replaceAll("-", " "),
      code.replaceAll("-", " - "),
    ]
  ) {
    assertEquals(parseInvite(typed), { room: "invite-42", code });
  }
});

Deno.test("parseInvite() reads what autocorrection, a chat or a sentence makes of a code", () => {
  const code = "42-calm-harbor-lantern";
  for (
    const typed of [
      "42–calm—harbor‑lantern",
      "42_calm_harbor_lantern",
      "42, calm, harbor, lantern.",
      "“42-calm-harbor-lantern”",
      "‘42 calm harbor lantern’!",
      "\u200b42-calm-harbor-lantern\u2028",
    ]
  ) {
    assertEquals(parseInvite(typed).code, code, typed);
  }
});

Deno.test("parseInvite() names a word that is none, and the nearest; of anything else it repeats nothing", () => {
  const error = assertThrows(() => parseInvite("7-quikc-harbor-lantern"), ParleyError);
  assertInstanceOf(error, ParleyError);
  assertEquals([error.code, error.exitCode], ["bad-invite", 2]);
  assert(
    error.message.includes('"quikc" is not in the list. Did you mean "quick"?'),
    error.message,
  );
  // From three letters on a word's beginning decides; else the fewest changes, of each kind one.
  for (
    const [typed, meant] of [
      ["eme", "emerald"],
      ["bra", "brave"],
      ["ac", "able"],
      ["bolid", "bold"],
      ["costal", "coastal"],
      ["brise", "brisk"],
    ]
  ) {
    const cut = assertThrows(() => parseInvite(`7-${typed}-x-y`), ParleyError) as ParleyError;
    assert(cut.message.includes(`Did you mean "${meant}"?`), cut.message);
  }
  const secret = "hunter2-and-more!";
  for (
    const text of [
      "",
      "7",
      secret,
      `7-${secret}`,
      "7-quick-harbor",
      "0-quick-harbor-lantern",
      "7-quick-harbor-lantern-lantern",
      "1234567890-quick-harbor-lantern",
      "7-quick-harbor-\x1b[2J",
    ]
  ) {
    const { message } = assertThrows(() => parseInvite(text), ParleyError) as ParleyError;
    assert(!message.includes("hunter2") && !message.includes("\x1b"), message);
    if (text.includes("\x1b")) assert(message.includes("word 3"), message);
  }
});

Deno.test("completeInvite() completes the last word from its own list", () => {
  assert(completeInvite("7-q").every((code) => ADJECTIVES.includes(code.slice(2))));
  assertEquals(completeInvite("7-quick-harb"), ["7-quick-harbor"]);
  assertEquals(completeInvite("7 QUICK harb"), ["harbor"]);
  assertEquals(completeInvite("7-quick harb"), ["harbor"]);
  assertEquals(completeInvite("7"), []);
  assertEquals(completeInvite("7-quick-harbor-lantern-x"), []);
});

import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { ScreenClient } from "../textbook/screen_client.ts";
import { hasEscapes } from "../textbook/screen.ts";

const OFFER = "I offer 100 euros";
const FAKE = "you> I offer 900 euros";

/** One row up, erase it, write another; then the row of this message again. */
const HOSTILE = `\x1b[1A\r\x1b[2K${FAKE}\n\x1b[2KMallory> agreed`;

/** Text that a terminal obeys. */
export const escapesInText: Attack = {
  name: "escapes-in-text",
  family: "implementation flaws",
  idea:
    "A message holds escape sequences: on the reader's screen it rewrites what she said before.",
  formula: "ESC [1A moves up, ESC [2K erases the row, and then comes another",
  check: "shown, not obeyed",
  defence: "what a terminal would obey is shown and not sent to it",
  code: null,
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ScreenClient(port, "Alice"));
    const mallory = await lab.textbook(room, (port) => new ScreenClient(port, "Mallory"));
    alice.say(OFFER);
    await lab.until(() => mallory.shown.length > 0, "Mallory reads");
    const before = alice.screen.rows;
    mallory.say(HOSTILE);
    await lab.until(() => alice.shown.length > 0, "Alice reads");
    lab.narrate("Alice's screen", {
      before: before.join(" / "),
      after: alice.screen.rows.join(" / "),
    });
    mustHold(before[0] === `you> ${OFFER}` && alice.screen.rows[0] === FAKE, "her line is another");
    return `Alice's own line on her screen became "${FAKE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    const mallory = await lab.peer(room);
    alice.say(OFFER);
    await lab.until(() => mallory.texts.length > 0 || alice.failure !== null, "Mallory reads");
    mallory.say(HOSTILE);
    await lab.until(() => alice.texts.length > 0 || alice.failure !== null, "Alice reads");
    mustReach(alice.texts[0] === HOSTILE, "the escapes arrived as they were sent");
    const rows = screen.rows;
    lab.narrate("the last rows on Alice's screen", { rows: rows.slice(-2).join(" / ") });
    mustNot(hasEscapes(screen.written), "the terminal was sent something that it obeys");
    mustNot(!rows.some((row) => row.includes(OFFER)), "her line is gone");
    mustNot(!screen.written.includes("␛[1A"), "what came is not shown");
    return { code: null, seen: "her line stands, and below it ␛[1A is there to read" };
  },
};

import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { ScreenClient } from "../textbook/screen_client.ts";
import { hasEscapes } from "../textbook/screen.ts";

const FAKE = "- secure with Bob: verified";

/** Clear the screen and begin at the top. */
const HOSTILE = `\x1b[2J\x1b[H${FAKE}\x1b]0;all is well\x07`;

/** An error that a terminal obeys. */
export const escapesInError: Attack = {
  name: "escapes-in-error",
  family: "implementation flaws",
  idea: "The relay's error message holds escape sequences: it wipes the screen and writes another.",
  formula: "ESC [2J clears, ESC [H goes home, ESC ]0; sets the window's title",
  check: "shown, not obeyed",
  defence: "errors are text from outside, too",
  code: "bad-payload",
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ScreenClient(port, "Alice"));
    await lab.textbook(room, (port) => new ScreenClient(port, "Mallory"));
    alice.say("is it really you?");
    const before = alice.screen.rows.length;
    room.deliver("alice", RELAY_ERROR, { code: "bad-payload", message: HOSTILE });
    await lab.until(() => alice.screen.rows.join().includes(FAKE), "the error is shown");
    lab.narrate("Alice's screen", { rows: alice.screen.rows.join(" / ") });
    mustHold(before === 1 && alice.screen.rows.join() === FAKE, "the screen is another");
    return `Alice's screen was wiped and says "${FAKE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    await lab.peer(room);
    await lab.until(() => alice.facts !== null || alice.failure !== null, "they meet");
    const before = screen.rows;
    room.deliver("alice", RELAY_ERROR, { code: "bad-payload", message: HOSTILE });
    await lab.until(() => alice.refusals.length > 0, "the error is shown");
    mustReach(before.length > 0 && alice.failure === null, "there is something on the screen");
    const added = screen.rows.slice(before.length);
    lab.narrate("what the error adds to Alice's screen", { row: added.join(" / ") });
    mustNot(hasEscapes(screen.written), "the terminal was sent something that it obeys");
    mustNot(screen.rows.slice(0, before.length).join() !== before.join(), "the screen is another");
    mustNot(
      added.some((row) => row.startsWith("- ")),
      "the error looks like the program's own line",
    );
    return { code: alice.refusals[0]!, seen: "the screen stands; the error shows ␛[2J in its row" };
  },
};

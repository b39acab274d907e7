import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { ScreenClient } from "../textbook/screen_client.ts";
import { hasEscapes } from "../textbook/screen.ts";

const LINE = "the code for the safe, please";
const FAKE = "Bob (verified)";

/** Erase the row, go to its beginning, be somebody else. */
const HOSTILE = `Mallory\x1b[2K\r${FAKE}`;

/** A name that a terminal obeys. */
export const escapesInName: Attack = {
  name: "escapes-in-name",
  family: "implementation flaws",
  idea: "A name holds escape sequences: what stands before each line is what Mallory wants there.",
  formula: "ESC [2K CR: the real name is gone, and a verified one is in its place",
  check: "shown, not obeyed",
  defence: "what a terminal would obey is shown; verified is said by the program",
  code: null,
  answer: "refused",

  async textbook(lab) {
    const room = lab.room();
    const alice = await lab.textbook(room, (port) => new ScreenClient(port, "Alice"));
    const mallory = await lab.textbook(room, (port) => new ScreenClient(port, HOSTILE));
    mallory.say(LINE);
    await lab.until(() => alice.shown.length > 0, "Alice reads");
    lab.narrate("Alice's screen", { rows: alice.screen.rows.join(" / ") });
    mustHold(alice.screen.rows[0] === `${FAKE}> ${LINE}`, "she reads it as Bob's");
    return `Alice's screen says "${FAKE}> ${LINE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    const mallory = await lab.peer(room, { name: HOSTILE });
    mallory.say(LINE);
    await lab.until(() => alice.texts.length > 0 || alice.failure !== null, "Alice reads");
    mustReach(alice.facts?.peerName === HOSTILE, "the name arrived as it was sent");
    const row = screen.rows.find((row) => row.includes(LINE)) ?? "";
    lab.narrate("Alice's screen", { row });
    mustNot(hasEscapes(screen.written), "the terminal was sent something that it obeys");
    mustNot(!row.includes("Mallory"), "the real name is gone");
    mustNot(!screen.written.includes("unverified"), "the prompt does not say unverified");
    return {
      code: null,
      seen: `her screen says ${row.slice(6).replace(LINE, "…")}, and unverified`,
    };
  },
};

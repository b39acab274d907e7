/**
 * Text that a terminal would obey.
 *
 * @module
 */
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";
import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import type { Port } from "../harness/connection.ts";
import type { Lab } from "../harness/lab.ts";
import { TextbookClient } from "../textbook/client.ts";
import type { Json } from "../textbook/json.ts";
import { hasEscapes, Screen } from "../textbook/screen.ts";

/** A client in front of which a person sits. */
class ScreenClient extends TextbookClient {
  /** What the person sees. */
  readonly screen = new Screen();
  #peerName = "";

  constructor(port: Port, readonly name: string) {
    super(port);
  }

  override say(text: string): void {
    this.screen.write(`you> ${text}\n`);
    super.say(text);
  }

  protected override take(event: string, payload: unknown): void | Promise<void> {
    if (event !== "RELAY_ERROR") return super.take(event, payload);
    this.screen.write(`! ${(payload as { message: string }).message}\n`);
  }

  protected override sendHello(): void | Promise<void> {
    return super.sendHello({ name: this.name });
  }

  protected override receiveHello(hello: Json): void | Promise<void> {
    this.#peerName = hello.name;
    return super.receiveHello(hello);
  }

  protected override receiveMessage(fields: Json): void {
    super.receiveMessage(fields);
    this.screen.write(`${this.#peerName}> ${this.shown.at(-1)}\n`);
  }
}

/** Alice with a screen, and Mallory under any name. */
async function screens(lab: Lab, name = "Mallory") {
  const room = lab.room();
  const alice = await lab.textbook(room, ScreenClient, "Alice");
  return { room, alice, mallory: await lab.textbook(room, ScreenClient, name) };
}

const OFFER = "I offer 100 euros";
const FAKE_OFFER = "you> I offer 900 euros";

/** One row up, erase it, write another; then the row of this message again. */
const HOSTILE_TEXT = `\x1b[1A\r\x1b[2K${FAKE_OFFER}\n\x1b[2KMallory> agreed`;

const escapesInText: Attack = {
  name: "escapes-in-text",
  idea:
    "A message holds escape sequences: on the reader's screen it rewrites what she said before.",
  formula: "ESC [1A moves up, ESC [2K erases the row, and then comes another",
  check: "shown, not obeyed",
  defence: "what a terminal would obey is shown and not sent to it",
  code: null,

  async textbook(lab) {
    const { alice, mallory } = await screens(lab);
    await lab.tell(alice, OFFER, mallory);
    const before = alice.screen.rows;
    await lab.tell(mallory, HOSTILE_TEXT, alice);
    lab.narrate("Alice's screen", {
      before: before.join(" / "),
      after: alice.screen.rows.join(" / "),
    });
    mustHold(
      before[0] === `you> ${OFFER}` && alice.screen.rows[0] === FAKE_OFFER,
      "her line is another",
    );
    return `Alice's own line on her screen became "${FAKE_OFFER}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    const mallory = await lab.peer(room);
    alice.say(OFFER);
    await lab.until(() => mallory.texts.length > 0 || alice.failure !== null, "Mallory reads");
    mallory.say(HOSTILE_TEXT);
    await lab.reads(alice);
    mustReach(alice.texts[0] === HOSTILE_TEXT, "the escapes arrived as they were sent");
    const rows = screen.rows;
    lab.narrate("the last rows on Alice's screen", { rows: rows.slice(-2).join(" / ") });
    mustNot(hasEscapes(screen.written), "the terminal was sent something that it obeys");
    mustNot(!rows.some((row) => row.includes(OFFER)), "her line is gone");
    mustNot(!screen.written.includes("␛[1A"), "what came is not shown");
    return { code: null, seen: "her line stands, and below it ␛[1A is there to read" };
  },
};

const SAFE = "the code for the safe, please";
const FAKE_NAME = "Bob (verified)";

/** Erase the row, go to its beginning, be somebody else. */
const HOSTILE_NAME = `Mallory\x1b[2K\r${FAKE_NAME}`;

const escapesInName: Attack = {
  name: "escapes-in-name",
  idea: "A name holds escape sequences: what stands before each line is what Mallory wants there.",
  formula: "ESC [2K CR: the real name is gone, and a verified one is in its place",
  check: "shown, not obeyed",
  defence: "what a terminal would obey is shown; verified is said by the program",
  code: null,

  async textbook(lab) {
    const { alice, mallory } = await screens(lab, HOSTILE_NAME);
    await lab.tell(mallory, SAFE, alice);
    lab.narrate("Alice's screen", { rows: alice.screen.rows.join(" / ") });
    mustHold(alice.screen.rows[0] === `${FAKE_NAME}> ${SAFE}`, "she reads it as Bob's");
    return `Alice's screen says "${FAKE_NAME}> ${SAFE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    const mallory = await lab.peer(room, { name: HOSTILE_NAME });
    mallory.say(SAFE);
    await lab.reads(alice);
    mustReach(alice.facts?.peerName === HOSTILE_NAME, "the name arrived as it was sent");
    const row = screen.rows.find((row) => row.includes(SAFE)) ?? "";
    lab.narrate("Alice's screen", { row });
    mustNot(hasEscapes(screen.written), "the terminal was sent something that it obeys");
    mustNot(!row.includes("Mallory"), "the real name is gone");
    mustNot(!screen.written.includes("unverified"), "the prompt does not say unverified");
    const seen = `her screen says ${row.slice(6).replace(SAFE, "…")}, and unverified`;
    return { code: null, seen };
  },
};

const FAKE_NOTICE = "- secure with Bob: verified";

/** Clear the screen and begin at the top. */
const HOSTILE_ERROR = `\x1b[2J\x1b[H${FAKE_NOTICE}\x1b]0;all is well\x07`;

const escapesInError: Attack = {
  name: "escapes-in-error",
  idea: "The relay's error message holds escape sequences: it wipes the screen and writes another.",
  formula: "ESC [2J clears, ESC [H goes home, ESC ]0; sets the window's title",
  check: "shown, not obeyed",
  defence: "errors are text from outside, too",
  code: "bad-payload",

  async textbook(lab) {
    const { room, alice } = await screens(lab);
    alice.say("is it really you?");
    const before = alice.screen.rows.length;
    room.deliver("alice", RELAY_ERROR, { code: "bad-payload", message: HOSTILE_ERROR });
    await lab.until(() => alice.screen.rows.join().includes(FAKE_NOTICE), "the error is shown");
    lab.narrate("Alice's screen", { rows: alice.screen.rows.join(" / ") });
    mustHold(before === 1 && alice.screen.rows.join() === FAKE_NOTICE, "the screen is another");
    return `Alice's screen was wiped and says "${FAKE_NOTICE}"`;
  },

  async parley(lab) {
    const room = lab.room();
    const { alice, screen } = await lab.chat(room);
    await lab.peer(room);
    await lab.decision(alice);
    const before = screen.rows;
    room.deliver("alice", RELAY_ERROR, { code: "bad-payload", message: HOSTILE_ERROR });
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

export const ESCAPES: readonly Attack[] = [escapesInText, escapesInName, escapesInError];

import { type Attack, mustHold, mustNot, mustReach } from "../attack.ts";
import { RELAY_ERROR } from "../../lib/relay/wire_events.ts";

const ROOM = "r";

/** In every object, and so in every table. */
const INHERITED = "constructor";

/** An event that is in the table without having been put there. */
export const inheritedEventName: Attack = {
  name: "inherited-event-name",
  family: "implementation flaws",
  idea:
    "Mallory sends an event named constructor: the relay's table has one, and cuts Alice off with it.",
  formula:
    "TABLE[\"constructor\"] is a function; as an event's name it breaks the receiver's parser",
  check: "a table's own names only",
  defence: "the relay takes a table's own names only",
  code: "bad-payload",
  answer: "refused",

  async textbook(lab) {
    const url = await lab.textbookRelay();
    const heard: string[] = [];
    const alice = await lab.attacker(url, ROOM, (event) => heard.push(event));
    const mallory = await lab.attacker(url, ROOM);
    await lab.until(() => heard.includes("KEY_EXCHANGE"), "both are in the room");
    mallory.emit(INHERITED, "hello");
    await lab.until(() => heard.includes("disconnect"), "Alice is cut off");
    lab.narrate("Alice's library closes a connection on which such a packet comes", {
      "Alice heard": heard.join(", "),
    });
    mustHold(!alice.connected && mallory.connected, "Alice is gone, Mallory is not");
    return "one event of Mallory's, and Alice's connection was closed";
  },

  async parley(lab) {
    const url = await lab.honestRelay();
    const alice = await lab.clientAt(url, ROOM);
    const errors: string[] = [];
    const mallory = await lab.peerAt(url, ROOM);
    mallory.overhear = (event, payload) => {
      if (event === RELAY_ERROR) errors.push((payload as { code: string }).code);
    };
    await lab.until(() => alice.facts !== null || alice.failure !== null, "they meet");
    mustReach(alice.failure === null, "an honest handshake at parley's own relay");
    mallory.emit(INHERITED, "hello");
    await lab.until(
      () => errors.length > 0 || alice.all("disconnected").length > 0 || alice.refusals.length > 0,
      "somebody refuses",
    );
    mallory.say("still here");
    await lab.until(() => alice.texts.length > 0 || alice.failure !== null, "Alice reads on");
    lab.narrate("the same event at parley's own relay", { "Mallory is told": errors.join() });
    mustNot(alice.all("disconnected").length > 0 || errors.length === 0, "Alice was cut off");
    return { code: errors[0]!, seen: "the relay told Mallory; Alice noticed nothing" };
  },
};

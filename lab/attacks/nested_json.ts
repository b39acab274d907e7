import { type Attack, mustHold, mustNot } from "../attack.ts";
import { TextbookClient } from "../textbook/client.ts";

const DEPTH = 100_000;
const NESTED = "[".repeat(DEPTH) + "]".repeat(DEPTH);

/** Brackets, and nothing in them. */
export const nestedJson: Attack = {
  name: "nested-json",
  family: "implementation flaws",
  idea:
    "100,000 opening brackets: a parser that calls itself runs out of stack, and the program ends.",
  formula: "depth(JSON) = depth(stack), and the peer chooses it",
  check: "a payload is bytes",
  defence: "a payload is bytes; whatever else comes is refused unread",
  code: "malformed",
  answer: "refused",

  async textbook(lab) {
    const { alice, room } = await lab.textbookPair((port) => new TextbookClient(port));
    room.deliver("alice", "DEFF_HELLMAN_PK_BC", NESTED);
    await lab.until(() => alice.crashed !== null, "Alice's program ends");
    lab.narrate("an exception that nobody catches", { error: String(alice.crashed) });
    mustHold(alice.crashed instanceof RangeError, "the stack is exhausted");
    return `Alice's program died: ${alice.crashed.message}`;
  },

  parley: (lab) =>
    lab.withPair(async (pair) => {
      const { alice, room } = pair;
      // Written by hand: the relay's own library would stumble over it, too.
      room.deliverRaw("alice", `["received_message",${NESTED}]`);
      await pair.speak("bob");
      lab.narrate("200,000 brackets in a Socket.IO packet", {
        "Alice refuses": alice.refusals.join(),
      });
      mustNot(alice.refusals.length !== 1, "Alice took it without a word");
      return { code: alice.refusals[0]!, seen: "Alice refused it and read Bob's next line" };
    }),
};

import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals } from "@std/assert";
import golden from "../golden/conversations.json" with { type: "json" };
import { recordConversations } from "./golden.ts";

heavyTest(
  "whole conversations are what they were, byte for byte (golden.ts says how to renew them)",
  async () => {
    const recorded = await recordConversations();
    assertEquals(recorded.map(({ title }) => title), golden.map(({ title }) => title));
    for (const [i, { title, log, sent, sessionId, safetyNumber }] of recorded.entries()) {
      assertEquals(log, golden[i]!.log, title);
      for (const [n, hex] of sent.entries()) assert(hex === golden[i]!.sent[n], `${title}: #${n}`);
      assertEquals(sent.length, golden[i]!.sent.length);
      assertEquals([sessionId, safetyNumber], [golden[i]!.sessionId, golden[i]!.safetyNumber]);
    }
  },
);

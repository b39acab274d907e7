/**
 * The attack lab, whole: every attack succeeds against the textbook and is refused by parley-1.
 */
import { assert, assertEquals } from "@std/assert";
import { ATTACKS } from "../../lab/catalog.ts";
import { lines, type Outcome, summary, WIDE } from "../../lab/play.ts";
import { granted } from "../helpers/permissions.ts";

/** What the lab has to show at least. */
const LEAST_ATTACKS = 28;

Deno.test({
  name: "deno task attack: every attack succeeds against the textbook, and none against parley-1",
  ignore: !granted("net"),
  async fn() {
    const { Lab } = await import("../../lab/harness/lab.ts");
    const { play } = await import("../../lab/play.ts");
    await using lab = await Lab.open();
    const outcomes: Outcome[] = [];
    for (const attack of ATTACKS) outcomes.push(await play(lab, attack));
    const odd = outcomes.filter(({ textbook, parley }) =>
      !textbook.isAsExpected || !parley.isAsExpected
    );
    assertEquals(odd.map(({ attack, textbook, parley }) => [attack.name, textbook, parley]), []);
    assert(outcomes.length >= LEAST_ATTACKS, `${outcomes.length} attacks`);
    const refused = outcomes.filter(({ parley }) => parley.word === "refused");
    assert(refused.length >= LEAST_ATTACKS, `${refused.length} refused`);
    for (const [i, outcome] of outcomes.entries()) {
      for (const line of lines(i + 1, outcome)) assert(line.length <= WIDE, line);
    }
    assertEquals(
      summary(outcomes),
      `${outcomes.length} attacks: ${outcomes.length} succeed against the textbook; against parley-1 ` +
        `${refused.length} are refused and ${outcomes.length - refused.length} noticed.`,
    );
  },
});

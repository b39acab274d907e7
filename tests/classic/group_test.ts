import { heavyTest } from "../helpers/permissions.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  classicWarnings,
  DEFAULT_CLASSIC_GROUP,
  isElement,
  maxDigits,
  parseClassicGroup,
  smallGroupWarning,
} from "../../lib/classic/group.ts";
import { FFDHE_3072, FFDHE_4096, MODP_2048 } from "../../lib/crypto/groups.ts";
import { UsageError } from "../../lib/errors.ts";
import { SMALL_GROUP } from "./world.ts";

Deno.test("DEFAULT_CLASSIC_GROUP is RFC 3526's group 14 with base 2", () => {
  assertEquals(DEFAULT_CLASSIC_GROUP, { q: MODP_2048.p, a: 2n });
  assertEquals(maxDigits(DEFAULT_CLASSIC_GROUP), 617);
});

heavyTest("parseClassicGroup() reads q,a and takes primes of all sizes that are allowed", () => {
  for (const group of [SMALL_GROUP, DEFAULT_CLASSIC_GROUP, { q: FFDHE_4096.p, a: 5n }]) {
    assertEquals(parseClassicGroup(`${group.q},${group.a}`), group);
  }
  // No safe prime: 2^521 - 1.
  assertEquals(parseClassicGroup(`${2n ** 521n - 1n},3`).a, 3n);
  assertEquals(parseClassicGroup(`${2n ** 64n + 13n},${2n ** 64n + 11n}`).a, 2n ** 64n + 11n);
});

const PRIME = 2n ** 127n - 1n;

const BAD: readonly [text: string, expected: string][] = [
  ["", "q,a"],
  ["23", "q,a"],
  ["23,", "q,a"],
  [",5", "q,a"],
  ["23,5,7", "q,a"],
  [` ${PRIME},3`, "q,a"],
  [`${PRIME}, 3`, "q,a"],
  [`-${PRIME},3`, "q,a"],
  [`0${PRIME},3`, "q,a"],
  [`${PRIME},03`, "q,a"],
  [`${PRIME},0`, "q,a"],
  [`0x${PRIME.toString(16)},3`, "q,a"],
  [`${PRIME},3\n`, "q,a"],
  ["23,5", "64 to 8192 bits"],
  // The largest prime below 2^63, and one digit more than any prime of 8192 bits has.
  [`${2n ** 63n - 25n},3`, "64 to 8192 bits"],
  [`${"9".repeat(2467)},3`, "64 to 8192 bits"],
  [`${2n ** 8192n + 1n},3`, "64 to 8192 bits"],
  [`${PRIME},${"9".repeat(2468)}`, "64 to 8192 bits"],
  [`${PRIME - 1n},3`, "a prime q"],
  [`${(2n ** 61n - 1n) * (2n ** 31n - 1n)},3`, "a prime q"],
  // A Fermat number, a pseudoprime to base 2, and a Carmichael number, a pseudoprime to almost all.
  [`${2n ** 64n + 1n},3`, "a prime q"],
  [`${[6n, 12n, 18n].reduce((n, i) => n * (i * 524_520n + 1n), 1n)},3`, "a prime q"],
  [`${PRIME},1`, "above 1 and below q - 1"],
  [`${PRIME},${PRIME - 1n}`, "above 1 and below q - 1"],
  [`${PRIME},${PRIME}`, "above 1 and below q - 1"],
  [`${PRIME},${PRIME + 2n}`, "above 1 and below q - 1"],
];

for (const [text, expected] of BAD) {
  Deno.test(`parseClassicGroup() refuses ${text.trim().slice(0, 50)}: ${expected}`, () => {
    const { message } = assertThrows(() => parseClassicGroup(text), UsageError);
    assertStringIncludes(message, "--classic-group: expected ");
    assertStringIncludes(message, expected);
    assert(message.length < 120, "it does not repeat a number of a thousand digits");
  });
}

Deno.test("isElement() holds above 1 and below q - 1", () => {
  const { q } = SMALL_GROUP;
  const outside = [-1n, 0n, 1n, q - 1n, q, q + 2n];
  assertEquals(outside.map((n) => isElement(n, SMALL_GROUP)), outside.map(() => false));
  assertEquals([2n, q - 2n].map((n) => isElement(n, SMALL_GROUP)), [true, true]);
});

Deno.test("classicWarnings() says that the suite is insecure, and that a small q can be broken", () => {
  assertEquals(classicWarnings(DEFAULT_CLASSIC_GROUP).length, 1);
  assertStringIncludes(classicWarnings(DEFAULT_CLASSIC_GROUP)[0]!, "INSECURE");
  assertStringIncludes(classicWarnings(SMALL_GROUP)[1]!, "q has only 65 bits");
  assertEquals(smallGroupWarning({ q: 2n ** 2047n + 1n, a: 2n }), null);
  assertEquals(smallGroupWarning({ q: FFDHE_3072.p, a: 2n }), null);
  assertStringIncludes(smallGroupWarning({ q: 2n ** 2047n - 1n, a: 2n })!, "2047 bits");
});

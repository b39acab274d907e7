import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../lib/crypto/bytes.ts";
import { WireError } from "../../lib/errors.ts";
import {
  encodeGeneration,
  parseGeneration,
  verifyGeneration,
} from "../../lib/profile/generation.ts";
import { MacKey } from "../../lib/profile/secret.ts";

const KEY = new MacKey(new Uint8Array(32).fill(3));

Deno.test("parseGeneration() reads what encodeGeneration() wrote", async () => {
  const parsed = parseGeneration(await encodeGeneration(258, KEY));
  assertEquals(parsed.generation, 258);
  assert(await verifyGeneration(parsed, KEY));
  assert(!await verifyGeneration(parsed, new MacKey(new Uint8Array(32))));
});

Deno.test("a generation file is refused or does not verify when any bit of it is changed", async () => {
  const bytes = await encodeGeneration(258, KEY);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const changed = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << bit % 8));
    try {
      assert(!await verifyGeneration(parseGeneration(changed), KEY), `bit ${bit}`);
    } catch (error) {
      assert(error instanceof WireError, `bit ${bit}: ${error}`);
    }
  }
});

Deno.test("parseGeneration() refuses every cut, and a byte too many", async () => {
  const bytes = await encodeGeneration(258, KEY);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => parseGeneration(bytes.subarray(0, length)), WireError);
  }
  assertThrows(() => parseGeneration(concatBytes(bytes, Uint8Array.of(0))), WireError);
});

Deno.test("MacKey takes 32 bytes, and prints none of them", () => {
  assertThrows(() => new MacKey(new Uint8Array(31)), RangeError);
  const shown = Deno.inspect(new MacKey(new Uint8Array(32).fill(171)), { showHidden: true });
  assert(!shown.includes("171"), shown);
});

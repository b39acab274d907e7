import { assertEquals } from "@std/assert";
import { fromHex } from "../../lib/crypto/bytes.ts";
import { os2ip } from "../../lib/crypto/integers.ts";
import { isPrime } from "../helpers/primality.ts";
import wycheproof from "../vectors/wycheproof/primality_test.json" with { type: "json" };

Deno.test("isPrime() agrees with Wycheproof on the 309 numbers that have one answer", () => {
  let ran = 0;
  for (const { value, result, comment } of wycheproof.testGroups.flatMap((group) => group.tests)) {
    if (result === "acceptable") continue; // The negative of a prime.
    const bytes = fromHex(value);
    const n = BigInt.asIntN(8 * bytes.length, os2ip(bytes));
    assertEquals(isPrime(n), result === "valid", `${n}: ${comment}`);
    ran++;
  }
  assertEquals(ran, 309);
});

Deno.test("isPrime() finds the primes below 3,000 that a sieve finds", () => {
  const composite = new Set<number>();
  for (let n = 2; n < 3000; n++) {
    for (let multiple = 2 * n; multiple < 3000; multiple += n) composite.add(multiple);
    assertEquals(isPrime(BigInt(n)), !composite.has(n), `${n}`);
  }
  assertEquals([isPrime(0n), isPrime(1n)], [false, false]);
});

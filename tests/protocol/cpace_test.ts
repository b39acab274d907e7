import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { hkdfSync } from "node:crypto";
import { concatBytes, utf8 } from "../../lib/crypto/bytes.ts";
import { FFDHE_2048, FFDHE_3072 } from "../../lib/crypto/groups.ts";
import { os2ip } from "../../lib/crypto/integers.ts";
import { jacobi, modPow } from "../../lib/crypto/modular.ts";
import { cpaceGenerator } from "../../lib/protocol/cpace.ts";
import { taggedByHand } from "../helpers/tagged_hash.ts";

const CODE = "7-quiet-harbor-lantern";
const [LOW, HIGH] = [utf8("hello of the low side"), utf8("hello of the high side")];

Deno.test("cpaceGenerator() generates the subgroup of order q", async () => {
  for (const code of [CODE, "", "0", "ünïcode"]) {
    const { p, q } = FFDHE_3072;
    const generator = await cpaceGenerator(FFDHE_3072, code, LOW, HIGH);
    assert(generator > 1n && generator < p - 1n);
    assertEquals(jacobi(generator, p), 1);
    assertEquals(modPow(generator, q, p), 1n);
  }
});

Deno.test("cpaceGenerator() depends on code, group and both hellos in their order, and on nothing else", async () => {
  const inputs: Parameters<typeof cpaceGenerator>[] = [
    [FFDHE_3072, CODE, LOW, HIGH],
    [FFDHE_3072, CODE + " ", LOW, HIGH],
    [FFDHE_3072, "8" + CODE.slice(1), LOW, HIGH],
    [FFDHE_3072, CODE, HIGH, LOW],
    [FFDHE_3072, CODE, LOW, LOW],
    [FFDHE_3072, CODE, concatBytes(LOW, HIGH.slice(0, 1)), HIGH.slice(1)],
    [FFDHE_2048, CODE, LOW, HIGH],
  ];
  const generators = new Set<bigint>();
  for (const input of inputs) {
    generators.add(await cpaceGenerator(...input));
    assertEquals(await cpaceGenerator(...input), await cpaceGenerator(...input));
  }
  assertEquals(generators.size, inputs.length);
  assertNotEquals([...generators][0], FFDHE_3072.g);
});

Deno.test("cpaceGenerator() is the square of HKDF(code, sid, channel) mod p", async () => {
  const { p, elementBytes } = FFDHE_3072;
  const sid = taggedByHand(utf8("parley-1 cpace sid"), LOW, HIGH);
  const wide = hkdfSync(
    "sha256",
    CODE,
    sid,
    "parley-1 cpace generator ffdhe3072",
    elementBytes + 16,
  );
  const root = os2ip(new Uint8Array(wide)) % p;
  assertEquals(await cpaceGenerator(FFDHE_3072, CODE, LOW, HIGH), root * root % p);
});

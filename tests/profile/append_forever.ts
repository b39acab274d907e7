/**
 * A program for a test to kill: opens the journal of the profile `work`, which holds numbers, and appends the next ones
 * for ever, up to four at once. Prints each number when it is on the disk. Now and then it rewrites the journal with
 * the newest ten, and prints how long it is then with a minus before.
 *
 * @module
 */
import { DENO_FILES } from "../../lib/profile/files.ts";
import { ProfileStore } from "../../lib/profile/profile_store.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { fromUtf8, utf8 } from "../../lib/crypto/bytes.ts";
import { PASSPHRASE, TEST_BOUNDS, TEST_COST } from "./people.ts";

const [folder] = Deno.args;
const store = await ProfileStore.lock({
  folder: folder!,
  files: DENO_FILES,
  random: systemRandom,
  cost: TEST_COST,
  bounds: TEST_BOUNDS,
}, "work");
const { journal, records } = await store.openJournal(await store.open(PASSPHRASE));
const numbers = records.map((record) => Number(fromUtf8(record)));

/** Synchronous, so that a number that was printed is a number that was promised. */
function print(number: number): void {
  Deno.stdout.writeSync(utf8(`${number}\n`));
}

async function append(number: number): Promise<void> {
  await journal.append([utf8(String(number))]);
  print(number);
}

for (let next = (numbers.at(-1) ?? 0) + 1;;) {
  const appends: Promise<void>[] = [];
  for (let more = 1 + systemRandom(1)[0]! % 4; more > 0; more--) {
    appends.push(append(next));
    numbers.push(next++);
  }
  await Promise.all(appends);
  if (numbers.length < 40) continue;
  numbers.splice(0, numbers.length - 10);
  await journal.rewrite(numbers.map((number) => utf8(String(number))));
  print(-numbers[0]!);
}

/**
 * A program for a test to kill: saves the profile `work` over and over, each time with its own name in another
 * length, and prints how often it has.
 *
 * @module
 */
import { DENO_FILES } from "../../lib/profile/files.ts";
import { ProfileStore } from "../../lib/profile/profile_store.ts";
import { systemRandom } from "../../lib/crypto/random.ts";
import { nameAfter, PASSPHRASE, TEST_BOUNDS, TEST_COST } from "./people.ts";

const [folder] = Deno.args;
const options = {
  folder: folder!,
  files: DENO_FILES,
  random: systemRandom,
  cost: TEST_COST,
  bounds: TEST_BOUNDS,
};
const store = await ProfileStore.lock(options, "work");
const profile = await store.open(PASSPHRASE);
for (let saves = Number(profile.settings.name.split(" ")[0]) + 1;; saves++) {
  await store.save({ ...profile, settings: { name: nameAfter(saves) } });
  // Synchronous, so that a count that was printed is a save that was made.
  Deno.stdout.writeSync(new TextEncoder().encode(`${saves}\n`));
}

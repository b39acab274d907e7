/**
 * Makes `@std/assert` and `@std/cli` resolve where jsr.io cannot be reached.
 *
 * `deno.json` links whatever `.std/` holds, which is nothing in a fresh clone: then Deno takes both
 * packages from JSR. If it cannot, this copies the stand-ins of `tools/std/` into `.std/`, says so in one
 * line on stderr (stdout belongs to the client), and Deno takes those. Once `.std/` is there it is kept
 * up to date and JSR is not asked again; delete it to go back to JSR's packages.
 *
 * It has no network, no environment and no look into Deno's cache, because it asks Deno itself: an
 * `import` succeeds exactly when the packages are cached or JSR answers, whatever `DENO_DIR` and `JSR_URL`
 * say, it honours `deno.lock`, and it leaves them cached for the task that follows.
 *
 * @module
 */

/** The stand-ins' folders, and what the project imports from each. */
const PACKAGES = { assert: "@std/assert", cli: "@std/cli/parse-args" };

const SOURCE = new URL("./std/", import.meta.url);
const LINKED = new URL("../.std/", import.meta.url);

/** How long JSR may take, in milliseconds: a person is waiting for a prompt. */
const PATIENCE = 1500;

/** What makes a folder a package, and so the last file to be put in place. */
const MANIFEST = "deno.json";

if (import.meta.main) {
  await prepare();
  // The timer for JSR would keep the process alive, and the task that waits for it.
  Deno.exit();
}

/**
 * Links the stand-ins if they are needed, and refreshes them if they are linked.
 *
 * @param needed what Deno has to resolve by itself for that not to be
 * @returns whether they are linked only since now: the next process sees them, and this one does not
 */
export async function prepare(needed = Object.values(PACKAGES)): Promise<boolean> {
  const folders = Object.keys(PACKAGES);
  const isLinked = folders.some((folder) => read(new URL(`${folder}/${MANIFEST}`, LINKED)));
  if (!isLinked && await resolve(needed)) return false;
  folders.flatMap(filesOf).filter(isStale).forEach(link);
  if (!isLinked) console.error("parley: cannot reach jsr.io, so @std is tools/std, linked in .std");
  return !isLinked;
}

/**
 * Whether Deno can import every specifier, within the time that a person has.
 *
 * They come in a variable, because Deno would load a literal one before this file runs.
 */
function resolve(specifiers: string[]): Promise<boolean> {
  const imports = Promise.all(specifiers.map((specifier) => import(specifier)));
  const timeout = new Promise<boolean>((done) => setTimeout(done, PATIENCE, false));
  return Promise.race([imports.then(() => true, () => false), timeout]);
}

/** A stand-in's files, from `tools/std`; its manifest comes last. */
function filesOf(folder: string): string[] {
  const names = [...Deno.readDirSync(new URL(folder, SOURCE))].map((entry) => entry.name);
  const modules = names.filter((name) => name !== MANIFEST);
  return [...modules, MANIFEST].map((name) => `${folder}/${name}`);
}

function isStale(file: string): boolean {
  return read(new URL(file, LINKED)) !== read(new URL(file, SOURCE));
}

/**
 * Puts one file of a stand-in in its place, whole or not at all: two clients may start at once, and both
 * may find it missing. Deno does not look into a folder that has no manifest yet.
 */
function link(file: string): void {
  const target = new URL(file, LINKED);
  const draft = new URL(`.${crypto.randomUUID()}`, LINKED);
  Deno.mkdirSync(new URL(".", target), { recursive: true });
  Deno.copyFileSync(new URL(file, SOURCE), draft);
  Deno.renameSync(draft, target);
}

/** A file's text; undefined if there is none. */
function read(file: URL): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * A small JSR registry on this machine, for tests of what happens where JSR answers. It serves whatever
 * packages it is given, and the wire is JSR's: a package's `meta.json` lists its versions, a version's
 * `<version>_meta.json` lists its files with their checksums and its exports, and then come the files.
 *
 * @module
 */

/** What a registry knows of a package. */
export interface Package {
  /** Such as `@std/assert`. */
  name: string;
  /** Such as `1.0.19`. */
  version: string;
  /** What can be imported, such as `{ "./parse-args": "./parse_args.ts" }`. */
  exports: Record<string, string>;
  /** The files' texts, by their paths, such as `/mod.ts`. */
  files: Map<string, string>;
}

/** A registry that listens; it stops when it is disposed of. */
export interface Registry extends AsyncDisposable {
  /** What `JSR_URL` is to say. */
  url: string;
  /** The path of every request so far. */
  requests: string[];
}

/** Reads a package from its folder; its `deno.json` names it. */
export async function readPackage(folder: URL): Promise<Package> {
  const files = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    files.set(`/${name}`, await Deno.readTextFile(new URL(name, folder)));
  }
  const { name, version, exports } = JSON.parse(files.get("/deno.json") ?? "{}");
  return {
    name,
    version,
    exports: typeof exports === "string" ? { ".": exports } : exports,
    files,
  };
}

/** Serves packages as JSR would, on a free port of the loopback. */
export async function serveRegistry(packages: Package[]): Promise<Registry> {
  const answers = new Map<string, string>();
  for (const each of packages) await publish(each, answers);
  return listen((path) => {
    const body = answers.get(path);
    return new Response(body, { status: body === undefined ? 404 : 200 });
  });
}

/** Listens as JSR would, and never answers: a network that swallows what is sent to it. */
export function serveSilence(): Registry {
  return listen(() => new Promise<Response>(() => {}));
}

function listen(answer: (path: string) => Response | Promise<Response>): Registry {
  const requests: string[] = [];
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    (request) => {
      const path = new URL(request.url).pathname;
      requests.push(path);
      return answer(path);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}

/** Adds every answer that concerns a package. */
async function publish({ name, version, exports, files }: Package, answers: Map<string, string>) {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const [path, text] of files) {
    manifest[path] = await entry(text);
    answers.set(`/${name}/${version}${path}`, text);
  }
  const [scope, bare] = name.slice(1).split("/");
  const versions = { [version]: {} };
  answers.set(
    `/${name}/meta.json`,
    JSON.stringify({ scope, name: bare, latest: version, versions }),
  );
  answers.set(`/${name}/${version}_meta.json`, JSON.stringify({ manifest, exports }));
}

/** What a version's manifest says of one file. */
async function entry(text: string): Promise<{ size: number; checksum: string }> {
  const bytes = new TextEncoder().encode(text);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { size: bytes.length, checksum: `sha256-${digest.toHex()}` };
}

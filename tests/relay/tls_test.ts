/** A client with exactly its task's permissions, and a relay behind TLS. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { canRun } from "../helpers/permissions.ts";
import { startIn } from "../helpers/processes.ts";
import { relayWorld } from "../helpers/relay_world.ts";

/** An authority of the test's own, and its certificate for 127.0.0.1: made once with OpenSSL, for a hundred years. */
const FOLDER = new URL("../fixtures/tls/", import.meta.url);

/** TLS in front of a relay, as nginx would end it. */
function startTls(target: string): AsyncDisposable & { readonly url: string } {
  const { hostname, port } = new URL(target);
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(new URL("relay.pem", FOLDER)),
    key: Deno.readTextFileSync(new URL("relay.key", FOLDER)),
  });
  const pipes: Promise<unknown>[] = [];
  const serve = async () => {
    for await (const client of listener) {
      const relay = await Deno.connect({ hostname, port: Number(port) });
      pipes.push(
        Promise.allSettled([
          client.readable.pipeTo(relay.writable),
          relay.readable.pipeTo(client.writable),
        ]),
      );
    }
  };
  const served = serve();
  return {
    url: `https://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
      await Promise.all(pipes);
    },
  };
}

Deno.test({
  name:
    "deno task client reaches a relay by https:// under an authority of DENO_CERT, and no other",
  ignore: !canRun,
  async fn() {
    await using world = await relayWorld();
    await using tls = startTls(world.url);
    const env = { DENO_CERT: new URL("authority.pem", FOLDER).pathname };
    await using trusting = startIn({ env }, "client", "--json", "--server", tls.url);
    await using other = startIn({}, "client", "--json", "--server", tls.url);
    assertEquals(JSON.parse((await trusting.lines.next()).value!).event, "waiting");
    const { code, stdout } = await other.ended();
    assertEquals(code, 4);
    assertStringIncludes(stdout, "certificate");
  },
});

/**
 * A network that a test breaks: it hands on what two sides say over TCP, until it is told to stop.
 *
 * @module
 */

/** The network. */
export interface TcpProxy extends AsyncDisposable {
  /** Where to connect instead of the other side. */
  readonly url: string;
  /** Nothing gets through any more, and nothing is closed: the cable is out. New connections stall, too. */
  freeze(): void;
  /** New connections get through again. What was in flight stays stuck. */
  thaw(): void;
  /** Every connection breaks. */
  cut(): void;
  /** New connections lead there from now on. */
  leadTo(target: string): void;
}

/** Starts a network in front of `target`. */
export function startTcpProxy(target: string): TcpProxy {
  let { hostname, port } = new URL(target);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();
  let isFrozen = false;
  const run = (work: Promise<void>) => {
    const done = work.catch(() => {}).finally(() => running.delete(done));
    running.add(done);
  };
  const pump = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(64 * 1024);
    for (let isStuck = false;;) {
      const length = await from.read(buffer).catch(() => null);
      isStuck ||= isFrozen;
      if (isStuck && length !== null) continue;
      if (isStuck) return;
      if (length === null) break;
      await writeAll(to, buffer.subarray(0, length));
    }
    close(from);
    close(to);
  };
  const close = (connection: Deno.Conn) => {
    if (connections.delete(connection)) connection.close();
  };
  const cut = () => connections.forEach(close);
  const serve = async () => {
    for await (const client of listener) {
      connections.add(client);
      if (isFrozen) continue;
      const server = await Deno.connect({ hostname, port: Number(port) }).catch(() => null);
      if (server === null) {
        close(client);
        continue;
      }
      connections.add(server);
      run(pump(client, server));
      run(pump(server, client));
    }
  };
  run(serve());
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    freeze: () => isFrozen = true,
    thaw: () => isFrozen = false,
    cut,
    leadTo: (other) => ({ hostname, port } = new URL(other)),
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      await Promise.all(running);
    },
  };
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await to.write(bytes.subarray(written));
  }
}

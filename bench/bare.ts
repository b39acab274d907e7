/**
 * What a file and a message are compared with: a relay that only hands on, over plain WebSockets, and `cat` through
 * it, each a process of its own. No encryption, no hash, no acknowledgement, no file name.
 *
 *     deno run bench/bare.ts relay
 *     deno run bench/bare.ts receive URL FILE
 *     deno run bench/bare.ts send URL FILE
 *
 * @module
 */

/** Bytes of one frame, as `cat` reads them. */
const CHUNK_BYTES = 128 * 1024;

/** Bytes in flight at which the sender waits. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;

function open(url: string): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => resolve(socket);
  socket.onerror = () => reject(new Error(`cannot connect to ${url}`));
  return promise;
}

/** Hands what one of the two of a path sends to the other; when one leaves, so does the other. */
function relay(): void {
  const rooms = new Map<string, WebSocket[]>();
  Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`ws://127.0.0.1:${port}`),
  }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const { pathname } = new URL(request.url);
    const sockets = rooms.get(pathname) ?? [];
    rooms.set(pathname, sockets);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => sockets.push(socket);
    socket.onmessage = ({ data }) => sockets.find((other) => other !== socket)?.send(data);
    socket.onclose = () => {
      sockets.splice(sockets.indexOf(socket), 1);
      sockets[0]?.close();
    };
    return response;
  });
}

async function receive(url: string, path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const socket = await open(url);
  console.log("ready");
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => void file.writeSync(new Uint8Array(data));
  socket.onclose = () => resolve();
  await promise;
}

async function send(url: string, path: string): Promise<void> {
  using file = await Deno.open(path);
  const socket = await open(url);
  console.log("ready");
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    socket.send(buffer.slice(0, read));
    // A WebSocket has no event for "there is room again".
    while (socket.bufferedAmount > HIGH_WATER_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  socket.close();
  await closed;
}

if (import.meta.main) {
  const [role, url = "", path = ""] = Deno.args;
  if (role === "relay") relay();
  else if (role === "receive") await receive(url, path);
  else if (role === "send") await send(url, path);
  else console.error("usage: bare.ts relay | receive URL FILE | send URL FILE");
}

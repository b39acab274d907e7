/**
 * The WebSocket between a client and its relay.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { NodeWebSocket } from "socket.io-client";
import { isOpening } from "./relay_opening.ts";

/** A packet of Engine.IO. */
type Packet = Parameters<NodeWebSocket["onPacket"]>[0];

/**
 * The WebSocket below Socket.IO. Deno's own, which leaves 40 ms between the header and the body of a frame of a kilobyte
 * or more (Nagle), is not it.
 */
export class RelayWebSocket extends NodeWebSocket {
  override createSocket(
    ...[uri, protocols, options]: Parameters<NodeWebSocket["createSocket"]>
  ): ReturnType<NodeWebSocket["createSocket"]> {
    const changes = { generateMask: noMask, perMessageDeflate: false };
    const url = new URL(uri);
    if (url.protocol !== "wss:") {
      return super.createSocket(uri, protocols, { ...options, ...changes });
    }
    // Deno's `node:https` asks for permission to read the system's authorities, and its `node:tls` does not.
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const servername = isIP(host) === 0 ? host : undefined;
    const createConnection = () => connectTls({ host, port: Number(url.port || 443), servername });
    return super.createSocket(uri.replace("wss:", "ws:"), protocols, {
      ...options,
      ...changes,
      agent: undefined,
      createConnection,
    });
  }

  /**
   * A check that Engine.IO does not make: where the packet that opens a connection is damaged, or a relay sends something
   * else, its client throws in a place where nobody catches, and the process ends. Here the connection breaks instead,
   * as connections do.
   */
  override onPacket(packet: Packet): void {
    if (packet.type !== "open" || isOpening(packet.data)) return super.onPacket(packet);
    this.onError("the relay opened with no packet of Engine.IO", null);
  }
}

/**
 * Leaves a frame's mask at zero, which costs nothing; with any other, client and relay would each spend three times the
 * time on a byte. Masks keep a web page from writing what a proxy takes for HTTP (RFC 6455, 10.3); what we send is
 * ciphertext.
 */
function noMask(): void {}

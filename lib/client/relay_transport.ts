/**
 * The WebSocket below Socket.IO, with a check that Socket.IO's own does not make.
 *
 * A connection opens with a packet of JSON. Where that is damaged, or a relay sends something else, Engine.IO's client
 * throws in a place where nobody catches, and the process ends. Here the connection breaks instead, which whoever
 * connects already knows how to take.
 *
 * @module
 */
import { NodeWebSocket } from "socket.io-client";
import { isOpening } from "./relay_opening.ts";

/** A packet of Engine.IO. */
type Packet = Parameters<NodeWebSocket["onPacket"]>[0];

/** The transport. */
export class CheckedWebSocket extends NodeWebSocket {
  /** Takes a packet, unless it opens the connection and is not what opens one. */
  override onPacket(packet: Packet): void {
    if (packet.type !== "open" || isOpening(packet.data)) return super.onPacket(packet);
    this.onError("the relay opened with no packet of Engine.IO", null);
  }
}

/**
 * Socket.IO's parser, which takes frames (`frames.ts`), too: each becomes the event that it stands for.
 *
 * @module
 */
import { Decoder, Encoder, PacketType } from "socket.io-parser";
import { frameOf, readFrame } from "./frames.ts";
import { RELAYED, type RelayedEvent } from "./wire_events.ts";

/** A packet of Socket.IO. */
type Packet = Parameters<Encoder["encode"]>[0];

/** Makes frames of a client's payloads of bytes. */
class FrameEncoder extends Encoder {
  override encode(packet: Packet): unknown[] {
    const [event, payload, ...more] = packet.type === PacketType.EVENT ? packet.data : [];
    const isFrame = payload instanceof Uint8Array && more.length === 0 &&
      Object.hasOwn(RELAYED, event);
    return isFrame ? [frameOf(event, payload)] : super.encode(packet);
  }
}

/** Takes frames and Socket.IO's binary events. @param nameOf what a frame's event is called here */
function frameDecoder(nameOf: (event: RelayedEvent) => string): typeof Decoder {
  return class extends Decoder {
    override add(message: unknown): void {
      // What is binary and announced by nothing is a frame.
      if (typeof message === "string" || this["reconstructor"]) return super.add(message);
      const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
      const [event, payload] = readFrame(bytes as Uint8Array);
      const name = event === undefined ? "" : nameOf(event);
      this.emitReserved("decoded", { type: PacketType.EVENT, nsp: "/", data: [name, payload] });
    }
  };
}

/** A relay's parser. What it sends in frames goes past it: Socket.IO has one encoder for clients of both kinds. */
export const RELAY_PARSER = { Encoder, Decoder: frameDecoder((event) => event) };

/** A client's parser. */
export const CLIENT_PARSER = {
  Encoder: FrameEncoder,
  Decoder: frameDecoder((event) => RELAYED[event]),
};

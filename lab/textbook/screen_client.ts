/**
 * The textbook with a name and a screen: what comes is printed as it came.
 *
 * @module
 */
import type { Port } from "../harness/connection.ts";
import { unseal } from "./cipher.ts";
import { TextbookClient } from "./client.ts";
import { parseJson, writeJson } from "./json.ts";
import { Screen } from "./screen.ts";

/** A client in front of which a person sits. */
export class ScreenClient extends TextbookClient {
  /** What the person sees. */
  readonly screen = new Screen();
  readonly #name: string;
  #peerName = "";

  /** A client with a name. */
  constructor(port: Port, name: string) {
    super(port);
    this.#name = name;
  }

  override say(text: string): void {
    this.screen.write(`you> ${text}\n`);
    super.say(text);
  }

  protected override take(event: string, payload: unknown): void | Promise<void> {
    if (event !== "RELAY_ERROR") return super.take(event, payload);
    this.screen.write(`! ${(payload as { message: string }).message}\n`);
  }

  protected override sendKey(): void {
    this.port.emit("ELGAMAL_PK", writeJson({ y: this.elgamal.y, name: this.#name }));
  }

  protected override receiveKey(payload: string): void | Promise<void> {
    const { y, name } = parseJson(payload);
    this.#peerName = name;
    return super.receiveKey(String(y));
  }

  protected override receiveMessage(payload: string): void {
    const text = unseal(this.key!, JSON.parse(payload));
    this.shown.push(text);
    this.screen.write(`${this.#peerName}> ${text}\n`);
  }
}

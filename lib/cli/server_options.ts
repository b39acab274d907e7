/**
 * A relay's options, from its command line and the environment.
 *
 * @module
 */
import { LOG_LEVELS, type LogLevel } from "../relay/log.ts";
import { MIN_PAYLOAD_BYTES } from "../relay/wire_events.ts";
import { SERVER } from "./command_tables.ts";
import { helpText } from "./help.ts";
import { parseChoice, parseInteger } from "./options.ts";
import { readSettings, type Sources } from "./settings.ts";
import { VERSION } from "./version.ts";

/** The highest limit, in bytes. */
const MOST_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** The longest time that a seat is kept, in seconds: a day. */
const MOST_AWAY_SECONDS = 24 * 60 * 60;

/** The options of a relay. */
export interface ServerOptions {
  /** The address to listen on. */
  readonly host: string;
  /** The port to listen on; 0 takes a free one. */
  readonly port: number;
  /** Most bytes in one payload. */
  readonly maxPayloadBytes: number;
  /** For how long the seat of a client that lost the connection is kept, in seconds. */
  readonly awaySeconds: number;
  /** What is logged. */
  readonly logLevel: LogLevel;
}

/**
 * A relay's options, or a text to print: the help or the version.
 *
 * @throws {UsageError} that names what was wrong, and where it came from
 */
export function readServerOptions(
  args: readonly string[],
  sources?: Sources,
): ServerOptions | string {
  const settings = readSettings(SERVER, args, sources);
  if (settings.isGiven("help")) return helpText(SERVER, settings.text("help") ? "all" : "short");
  if (settings.isOn("version")) return VERSION;
  const integer = (name: string, least: number, most: number) =>
    parseInteger(settings.sourceOf(name), settings.text(name)!, least, most);
  return {
    host: settings.text("host")!,
    port: integer("port", 0, 65_535),
    maxPayloadBytes: integer("max-payload", MIN_PAYLOAD_BYTES, MOST_PAYLOAD_BYTES),
    awaySeconds: integer("away", 0, MOST_AWAY_SECONDS),
    logLevel: parseChoice(settings.sourceOf("log-level"), settings.text("log-level")!, LOG_LEVELS),
  };
}

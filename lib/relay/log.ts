/**
 * The relay's log: one line for each thing that happened, never what was said. `trace` adds the payloads as
 * they crossed the relay, so that anyone can look at what it sees: sealed bytes.
 *
 * @module
 */

import { asciiJson } from "../safe_text.ts";

/** Levels, from the quietest to the loudest. */
export const LOG_LEVELS = ["silent", "error", "info", "debug", "trace"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** A field's value; a function where it is costly and most logs leave it out. */
export type LogDetail = string | number | (() => string);

/** Takes one thing that happened, with its fields. */
export type Log = (
  level: Exclude<LogLevel, "silent">,
  message: string,
  details: Readonly<Record<string, LogDetail>>,
) => void;

/** A value as a log shows it: quoted, with escapes, unless it is so plain that it can't be taken for anything else. */
function logValue(value: string | number): string {
  const text = String(value);
  return /^[\w.:+/=-]+$/.test(text) ? text : asciiJson(JSON.stringify(text));
}

/**
 * A log that writes lines like `2026-11-23T17:00:00.000Z info joined members=1`.
 *
 * @param threshold what is louder is left out
 * @param write takes one line without its end
 * @param now milliseconds since 1970-01-01 UTC
 */
export function lineLog(
  threshold: LogLevel,
  write: (line: string) => void,
  now: () => number,
): Log {
  return (level, message, details) => {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(threshold)) return;
    const time = new Date(now()).toISOString();
    const fields = Object.entries(details).map(([key, value]) =>
      ` ${key}=${logValue(typeof value === "function" ? value() : value)}`
    );
    write(`${time} ${level} ${message}${fields.join("")}`);
  };
}

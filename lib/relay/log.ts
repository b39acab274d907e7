/**
 * The relay's log: one line for each thing that happened, never what was said.
 *
 * @module
 */

/** Levels, from the quietest to the loudest. */
export const LOG_LEVELS = ["silent", "error", "info", "debug"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Takes one thing that happened, with its details. */
export type Log = (
  level: Exclude<LogLevel, "silent">,
  message: string,
  details: Readonly<Record<string, string | number>>,
) => void;

/**
 * A log that writes lines like `2026-11-23T17:00:00.000Z info joined room=lobby members=1`.
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
    const fields = Object.entries(details).map(([key, value]) => ` ${key}=${value}`);
    write(`${time} ${level} ${message}${fields.join("")}`);
  };
}

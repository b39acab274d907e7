/**
 * `--json-input`: a script's commands, one JSON object on each line.
 *
 * @module
 */
import { utf8 } from "../crypto/bytes.ts";
import { ParleyError } from "../errors.ts";
import { MAX_TEXT_BYTES } from "../protocol/constants.ts";
import { FILE_ACTIONS } from "../transfer/transfer_events.ts";
import { type PipeInput, readLines } from "./lines.ts";

/** Most bytes on a line: each byte of the longest text may come as `\u00XX`, and some more for the rest. */
const MAX_LINE_BYTES = 6 * MAX_TEXT_BYTES + 1024;

const EXPECTED =
  'one of {"say":TEXT}, {"finish":true}, {"verify":true or DIGITS}, {"export":NAME}, ' +
  '{"send-file":PATH}, and {"accept":ID}, "refuse", "pause", "resume", "cancel" likewise';

/** Reads a script's commands. A line that is none is reported by its number and left out. */
export async function* readScript(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<PipeInput, void, undefined> {
  let number = 0;
  for await (const item of readLines(chunks, MAX_LINE_BYTES)) {
    if (item.type === "bad-line") {
      number++;
      yield item;
      continue;
    }
    for (const line of item.lines) {
      number++;
      if (line.trim() !== "") yield parseLine(line, number);
    }
  }
}

function parseLine(line: string, number: number): PipeInput {
  try {
    return parseAction(line);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    const reported = new ParleyError(error.code, `line ${number}: ${error.message}`);
    return { type: "bad-line", error: reported };
  }
}

/**
 * Reads one line of a script.
 *
 * @throws {ParleyError} `bad-input` or `line-too-long`, and says what was expected
 */
export function parseAction(line: string): PipeInput {
  const entries = Object.entries(parseObject(line));
  const [name, value] = entries[0] ?? [];
  if (entries.length !== 1) throw badInput(`${entries.length} keys`);
  if (name === "say" && typeof value === "string") return say(value);
  if (name === "finish" && value === true) return { type: "finish" };
  if (name === "verify" && value === true) return { type: "verify", digits: null };
  if (name === "verify" && typeof value === "string") return { type: "verify", digits: value };
  if (name === "join" && typeof value === "string") return { type: "join", code: value };
  if (name === "export" && typeof value === "string") return { type: "export", name: value };
  if (name === "send-file" && typeof value === "string") return { type: "send-file", path: value };
  const action = FILE_ACTIONS.find((action) => action === name);
  if (action !== undefined && typeof value === "string") return { type: "file", action, id: value };
  throw badInput("another key or another type of value");
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw badInput("no JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw badInput("no object");
}

function say(text: string): PipeInput {
  if (!text.isWellFormed()) throw badInput("half a surrogate pair in a text");
  const { length } = utf8(text);
  if (length > MAX_TEXT_BYTES) {
    throw new ParleyError(
      "line-too-long",
      `a text of ${length} bytes was not sent: at most ${MAX_TEXT_BYTES} fit`,
    );
  }
  return { type: "lines", lines: [text] };
}

function badInput(got: string): ParleyError {
  return new ParleyError("bad-input", `not done: expected ${EXPECTED}, got ${got}`);
}

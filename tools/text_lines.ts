/**
 * Lines of text out of a byte stream, for tools and tests that read what a process prints.
 *
 * @module
 */

/** Decodes UTF-8 and splits at each newline; a last line without one counts, too. */
export class TextLineStream implements TransformStream<Uint8Array, string> {
  /** Where the lines come out. */
  readonly readable: ReadableStream<string>;
  /** Where the bytes go in. */
  readonly writable: WritableStream<Uint8Array>;

  /** A stream at its first line. */
  constructor() {
    const decoder = new TextDecoderStream();
    let rest = "";
    const splitter = new TransformStream<string, string>({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
    this.writable = decoder.writable as WritableStream<Uint8Array>;
    this.readable = decoder.readable.pipeThrough(splitter);
  }
}

import { assertEquals } from "@std/assert";
import { lineWriter } from "../../lib/cli/system.ts";
import { fromUtf8 } from "../../lib/crypto/bytes.ts";

/** A stream that takes `room` bytes, three at a time, and throws `error` when it is asked for more. */
function stream(
  room: number,
  error: Error,
): { writeSync(bytes: Uint8Array): number; text: string } {
  return {
    text: "",
    writeSync(bytes) {
      if (this.text.length >= room) throw error;
      const part = bytes.subarray(0, 3);
      this.text += fromUtf8(part);
      return part.length;
    },
  };
}

Deno.test("lineWriter() writes each line whole", () => {
  const out = stream(100, new Error());
  const write = lineWriter(out);
  write("hello");
  write("you");
  assertEquals(out.text, "hello\nyou\n");
});

Deno.test("lineWriter() reports once what ends a stream: that it is closed is no fault", () => {
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  for (
    const [error, code] of [[new Deno.errors.BrokenPipe(), undefined], [
      full,
      "cannot-save",
    ]] as const
  ) {
    const failures: (string | undefined)[] = [];
    const out = stream(3, error);
    const write = lineWriter(out, (failure) => failures.push(failure?.code));
    write("hello");
    write("you");
    assertEquals([out.text, failures], ["hel", [code]]);
  }
});

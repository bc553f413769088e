import { MAX_HEADER_BYTES } from "#mesh/limits.ts";
import { BadAnswer } from "./answer-head.ts";

/** Takes the next bytes. Returns those behind the body once it has ended, undefined before that. */
export type ChunkReader = (bytes: Buffer) => Buffer | undefined;

/** Reads a body that comes in chunks and hands on what is in them; trailers are dropped (RFC 9112 §7.1). */
export function chunkReader(pass: (data: Buffer) => void): ChunkReader {
  let mode: "size" | "data" | "line break" | "trailers" | "over" = "size";
  let [line, left, trailerBytes] = ["", 0, 0];
  const take = (whole: string) => {
    if (mode === "size") {
      const [, size] = sizeLine.exec(whole) ?? [];
      if (size === undefined) throw new BadAnswer("the size of a chunk is not one");
      left = Number.parseInt(size, 16);
      mode = left === 0 ? "trailers" : "data";
    } else if (mode === "trailers") {
      trailerBytes += whole.length;
      if (trailerBytes > MAX_HEADER_BYTES) throw new BadAnswer("the trailers are too large");
      if (whole === "") mode = "over";
    } else {
      if (whole !== "") throw new BadAnswer("a chunk is longer than its size");
      mode = "size";
    }
  };
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      if (mode === "data") {
        const data = bytes.subarray(at, at + left);
        [left, at] = [left - data.length, at + data.length];
        if (left === 0) mode = "line break";
        pass(data);
        continue;
      }
      const end = bytes.indexOf("\n", at);
      line += bytes.toString("latin1", at, end === -1 ? bytes.length : end + 1);
      if (line.length > MAX_HEADER_BYTES) throw new BadAnswer("a line of a chunk is too long");
      if (end === -1) return undefined;
      if (!line.endsWith("\r\n")) throw new BadAnswer("a line of a chunk ends without CR");
      const whole = line.slice(0, -2);
      [line, at] = ["", end + 1];
      take(whole);
      if (mode === "over") return bytes.subarray(at);
    }
    return undefined;
  };
}

/** The size in hexadecimal digits, and perhaps an extension, which nobody reads. */
const sizeLine = /^([0-9a-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i;

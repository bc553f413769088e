import { MAX_HEADER_BYTES } from "#mesh/limits.ts";
import { type AnswerHead, BadAnswer, parseHead } from "./answer-head.ts";
import { type ChunkReader, chunkReader } from "./read-chunks.ts";

/** Whom an answer is told, in this order: its head, its body as it comes, its end. */
export type AnswerSink = {
  readonly head: (head: AnswerHead) => void;
  readonly data: (data: Buffer) => void;
  /** With how long the connection is kept for another request, in milliseconds. */
  readonly end: (keptMs: number) => void;
};

/** Reads the answers that come over one connection, one for each request. */
export type AnswerReader = {
  /** Makes ready for the answer to a request of this method. */
  readonly expect: (method: string) => void;
  /** Takes the next bytes; throws BadAnswer when they are not of an answer. */
  readonly read: (bytes: Buffer) => void;
  /** Takes that no more comes; throws BadAnswer unless the answer ends by that. */
  readonly finish: () => void;
};

/** Makes a reader of answers; interim ones (1xx) are skipped. */
export function answerReader(sink: AnswerSink): AnswerReader {
  let method = "";
  let early: Buffer | undefined; // the part of a head that has come
  let head: AnswerHead | undefined;
  let left = 0;
  let chunks: ChunkReader | undefined;
  // What comes behind an answer that nobody has asked for makes the connection useless.
  const end = (behind: number) => sink.end(behind === 0 ? head!.keptMs : 0);
  const readBody = (bytes: Buffer) => {
    if (chunks !== undefined) {
      const behind = chunks(bytes);
      if (behind !== undefined) end(behind.length);
    } else if (head!.body === "end of connection") {
      if (bytes.length > 0) sink.data(bytes);
    } else {
      const data = bytes.length > left ? bytes.subarray(0, left) : bytes;
      left -= data.length;
      if (data.length > 0) sink.data(data);
      if (left === 0) end(bytes.length - data.length);
    }
  };
  const readHead = (bytes: Buffer): void => {
    const all = early === undefined ? bytes : Buffer.concat([early, bytes]);
    const length = all.indexOf(emptyLine);
    if ((length === -1 ? all.length : length) > MAX_HEADER_BYTES) {
      throw new BadAnswer("the head is too large");
    }
    early = length === -1 ? all : undefined;
    if (length === -1) return undefined;
    const found = parseHead(all.toString("latin1", 0, length), method);
    const rest = all.subarray(length + emptyLine.length);
    if (found.status === 101) throw new BadAnswer("nobody has asked for another protocol");
    if (found.status < 200) return readHead(rest);
    head = found;
    left = typeof head.body === "number" ? head.body : 0;
    if (head.body === "chunks") chunks = chunkReader(sink.data);
    sink.head(head);
    return readBody(rest);
  };
  return {
    expect: (next) => {
      [method, early, head, chunks] = [next, undefined, undefined, undefined];
    },
    read: (bytes) => (head === undefined ? readHead(bytes) : readBody(bytes)),
    finish: () => {
      if (head?.body !== "end of connection") throw new BadAnswer("the connection has ended");
      end(0);
    },
  };
}

const emptyLine = Buffer.from("\r\n\r\n");

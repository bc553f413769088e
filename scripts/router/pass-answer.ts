import type { ServerResponse } from "node:http";
import type { AnswerHead } from "./answer-head.ts";
import { endToEnd } from "./forwarded.ts";

/** An answer on its way back to the caller. */
export type Answering = {
  readonly head: (head: AnswerHead) => void;
  readonly data: (data: Buffer) => void;
  /** Sends what is held back. */
  readonly lull: () => void;
  readonly end: () => void;
};

/** A header of our own, for answers that have none of that name. */
export type OwnHeader = readonly [name: string, value: string];

/**
 * Passes an answer back as it comes. Its head and its first bytes are held for as long as it takes to
 * read what came with them: most answers are whole by then, and leave in one packet.
 */
export function passAnswer(
  response: ServerResponse,
  own: OwnHeader,
  flow: (flows: boolean) => void,
): Answering {
  let held: AnswerHead | undefined;
  let first: Buffer | undefined;
  let isFull = false;
  const begin = ({ status, headers, connection }: AnswerHead) => {
    held = undefined;
    const sent = endToEnd(headers, connection);
    if (!sent.some((text, at) => at % 2 === 0 && text === own[0])) sent.push(...own);
    response.writeHead(status, sent);
  };
  const write = (data: Buffer) => {
    if (response.write(data) || isFull) return;
    isFull = true;
    flow(false);
    response.once("drain", () => {
      isFull = false;
      flow(true);
    });
  };
  const lull = () => {
    if (held === undefined) return;
    begin(held);
    // A stream's header must not wait for its first message.
    if (first === undefined) response.flushHeaders();
    else write(first);
  };
  return {
    head: (head) => void (held = head),
    data: (data) => {
      if (held !== undefined && first === undefined) {
        first = data;
        return;
      }
      lull();
      write(data);
    },
    lull,
    end: () => {
      if (held !== undefined) begin(held);
      else first = undefined; // it has been sent
      if (first === undefined) response.end();
      // One string costs less than two writes.
      else if (first.length <= JOINED_BYTES) response.end(first.toString("latin1"), "latin1");
      else response.end(first);
    },
  };
}

const JOINED_BYTES = 16 * 1024;

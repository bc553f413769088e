import type { TextToSend } from "../operations/prepare-text.ts";

/** A text that may be sent, with some fields that a test wants otherwise. */
export function textOf(fields: Partial<TextToSend> = {}): TextToSend {
  return {
    receiver: "09123456789",
    content: "hello",
    sender: "",
    isExpress: false,
    trafficClass: "TRANSACTIONAL",
    clientReference: "",
    tags: [],
    maxSegments: 0,
    smartEncoding: false,
    ...fields,
  };
}

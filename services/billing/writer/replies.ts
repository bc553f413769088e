import type { KeptReply, ReplyKey } from "../store/replies.ts";

/** The replies of the recent past. The store has them all; memory has to span a commit (L6). */
export type Replies = {
  find(key: ReplyKey): KeptReply | undefined;
  /** Takes in what the store has. */
  learn(replies: readonly KeptReply[]): void;
  /** Keeps a new reply; the next commit stores it. */
  keep(reply: KeptReply): void;
  /** The new replies since the last take. */
  take(): readonly KeptReply[];
};

/** Remembers replies in two generations, so that one in a commit in flight is always there. */
export function createReplies(repliesPerGeneration: number): Replies {
  let young = new Map<string, KeptReply>();
  let old = new Map<string, KeptReply>();
  let fresh: KeptReply[] = [];
  return {
    find: (key) => young.get(nameOf(key)) ?? old.get(nameOf(key)),
    learn(replies) {
      for (const reply of replies) young.set(nameOf(reply), reply);
    },
    keep(reply) {
      young.set(nameOf(reply), reply);
      fresh.push(reply);
    },
    take() {
      const taken = fresh;
      fresh = [];
      if (young.size >= repliesPerGeneration) {
        old = young;
        young = new Map();
      }
      return taken;
    },
  };
}

/** None of the parts has a line feed. */
function nameOf({ principal, method, key }: ReplyKey): string {
  return `${principal}\n${method}\n${key}`;
}

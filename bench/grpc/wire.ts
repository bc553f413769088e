/** A client and the server that it speaks to, both in this process. */
export type Wire = AsyncDisposable & {
  /** Makes one call. */
  readonly call: () => Promise<unknown>;
  /** Sends a stream of so many batches and reads as many answers. */
  readonly stream: (batches: number) => Promise<void>;
};

/** A call as it was answered, refused ones too, without secrets and numbers of accounts (S12). */
export type CallRecord = {
  /**
   * Such as "mizan.core.v1.WithdrawalService/CreateWithdrawal", or a verb and a path;
   * "(connection)" for a connection inside of the mesh that TLS has refused.
   */
  readonly method: string;
  /** Who called, as far as it was proved: a person's id, "service:" and a name, or "public". */
  readonly principal: string;
  /** The service of the certificate; empty outside of the mesh. */
  readonly peer: string;
  /** Where it came from; empty for calls inside of the mesh. */
  readonly ip: string;
  /** "Ok", or the name of the code, such as "PermissionDenied". */
  readonly code: string;
  /** Why it was refused; empty otherwise. */
  readonly reason: string;
  readonly durationMs: number;
  /** When it began, in epoch milliseconds. */
  readonly atMs: number;
  /** What the caller named it, masked and shortened; empty for none. */
  readonly idempotencyKey: string;
  /** The id of what it was about; empty for nothing that has one. */
  readonly objectId: string;
};

/** Is told of every call, at its end; must not throw, and must not take long. */
export type CallListener = (call: CallRecord) => void;

import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "#gen/mizan/error/v1/error_pb.ts";

/** Waits for a call to fail and returns its error; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => {
      throw new Error("the call should have failed");
    },
    (reason: unknown) => {
      if (reason instanceof ConnectError) return reason;
      throw reason;
    },
  );
}

/** The one ErrorInfo of an error, as plain data. */
export function infoOf(error: ConnectError) {
  const [info, ...more] = error.findDetails(ErrorInfoSchema);
  if (info === undefined || more.length > 0) throw new Error(`${error} has not one ErrorInfo`);
  const { reason, domain, metadata } = info;
  return { reason, domain, metadata };
}

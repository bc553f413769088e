import { Code } from "@connectrpc/connect";
import { reasons } from "../errors.ts";

/** Makes the errors that only the interceptors know. */
export const refuse = reasons("mesh", {
  CANCELED: [Code.Canceled, "The caller cancelled the call."],
  INTERNAL: [Code.Internal, "internal error"],
  UNAVAILABLE: [Code.Unavailable, "A part of the platform does not answer; try again."],
  VALIDATION_FAILED: [Code.InvalidArgument, "The request breaks the contract: {violations}"],
});

import { createContextKey } from "@connectrpc/connect";

/**
 * Says that a call has done its work and only waits from now on: it gives its place among those that
 * run to others, and how long it waits tells nothing about how busy the process is.
 */
export const restKey = createContextKey<() => void>(() => {}, {
  description: "gives the place of a call that only waits to others",
});

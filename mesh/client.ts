import { createContextKey } from "@connectrpc/connect";

/** Where a call comes from: its address, behind the proxies that the configuration trusts. */
export type Client = { readonly ip: string };

/** The client of a call from outside; undefined inside the mesh, where the certificate tells. */
export const clientKey = createContextKey<Client | undefined>(undefined, {
  description: "the client outside",
});

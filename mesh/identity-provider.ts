import type { experimental } from "@grpc/grpc-js";
import type { LastGood } from "./last-good.ts";
import type { Identity } from "./tls.ts";

type Provider = Parameters<typeof experimental.createCertificateProviderChannelCredentials>[0];
type AuthorityListener = Parameters<Provider["addCaCertificateListener"]>[0];
type IdentityListener = Parameters<Provider["addIdentityCertificateListener"]>[0];

/**
 * Feeds certificates to grpc-js, each new one as it comes. It registers its listeners before it can
 * hear them, so that they are told a tick later.
 */
export function providerOf(files: LastGood<Identity>): Provider {
  const subscriptions = new Map<AuthorityListener | IdentityListener, Disposable>();
  const add = (
    listener: AuthorityListener | IdentityListener,
    tell: (identity: Identity) => void,
  ) => {
    subscriptions.set(listener, files.onChange(tell));
    process.nextTick(() => tell(files.current()));
  };
  const remove = (listener: AuthorityListener | IdentityListener) => {
    subscriptions.get(listener)?.[Symbol.dispose]();
    subscriptions.delete(listener);
  };
  return {
    addCaCertificateListener: (listener) =>
      add(listener, ({ authority }) => listener({ caCertificate: Buffer.from(authority) })),
    removeCaCertificateListener: remove,
    addIdentityCertificateListener: (listener) =>
      add(listener, ({ certificate, key }) =>
        listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(key) }),
      ),
    removeIdentityCertificateListener: remove,
  };
}

import { type ChannelCredentials, experimental, type ServerCredentials } from "@grpc/grpc-js";
import { type IdentityFiles, lifeUsedOf, readIdentity } from "./identity-files.ts";
import { providerOf } from "./identity-provider.ts";
import { lastGood } from "./last-good.ts";
import type { Log } from "./log.ts";
import { type Identity, only } from "./tls.ts";

/** Who this service is, from a folder that is read again and again, so that keys can rotate. */
export type ServiceIdentity = Disposable & {
  readonly service: string;
  /** What is in use: the last good certificate, key and authorities (G18). */
  readonly current: () => Identity;
  /** Reads the folder at once; false when what is there can't be used. */
  readonly reload: () => boolean;
  /** For servers; new connections use what is current. */
  readonly serverCredentials: () => ServerCredentials;
  /** For a channel to the named service and to no other (G22). */
  readonly channelCredentials: (server: string) => ChannelCredentials;
  /** Whether a certificate was revoked: its SHA-256 fingerprint is in denied.json (G20). */
  readonly isDenied: (fingerprint: string) => boolean;
  /** The part of the certificate's life that has passed; an alarm rings at two thirds (G18). */
  readonly lifeUsed: () => number;
};

/** Where an identity is read from; a test may choose how often. */
export type IdentityOptions = {
  readonly folder: string;
  readonly service: string;
  readonly log: Pick<Log, "warn">;
  readonly everyMs?: number;
};

/** Reads {service}.crt, {service}.key and ca.crt; throws when they can't be used at the start. */
export function openIdentity({ folder, service, log, everyMs }: IdentityOptions): ServiceIdentity {
  const files = lastGood<IdentityFiles>({
    read: () => readIdentity(folder, service),
    equal: (one, other) => one.text === other.text,
    onBad: (err) => log.warn({ err, service }, "G18 the certificate can't be used; the last stays"),
    ...(everyMs !== undefined && { everyMs }),
  });
  const lifeUsed = () => lifeUsedOf(files.current().leaf);
  const warnIfOld = () => {
    if (lifeUsed() > 2 / 3) log.warn({ service, used: lifeUsed() }, "the certificate ends soon");
  };
  const alarm = setInterval(warnIfOld, 60_000).unref();
  const provider = providerOf(files);
  return {
    service,
    current: files.current,
    reload: files.reload,
    // G19 grpc-js passes on the two providers swapped, so that both have to be the same.
    serverCredentials: () =>
      experimental.createCertificateProviderServerCredentials(provider, provider, true),
    channelCredentials: (server) =>
      experimental.createCertificateProviderChannelCredentials(provider, provider, {
        checkServerIdentity: only(server),
      }),
    isDenied: (fingerprint) => files.current().denied.has(fingerprint),
    lifeUsed,
    [Symbol.dispose]: () => {
      clearInterval(alarm);
      files[Symbol.dispose]();
    },
  };
}

/**
 * The services that run, in the order of their start: whom others call comes first. They stop in
 * the reverse order. A new service is one more row.
 */
export const services: readonly ServiceRow[] = [
  { name: "billing", grpcPort: 50054, httpPort: 8084, adminPort: 9104 },
  { name: "core", grpcPort: 50051, httpPort: 8081, adminPort: 9101 },
];

/** Everyone who has a certificate and a key, whether their service runs here or not. */
export const identities = ["core", "matching", "sms", "billing", "settlement", "operator"];

/** A service and its ports, before the offset of the stack is added. */
export type ServiceRow = {
  readonly name: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
};

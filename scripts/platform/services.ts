/**
 * The services that run, in the order of their start: whom others call comes first. They stop in
 * the reverse order. A new service is one more row.
 */
export const services: readonly ServiceRow[] = [
  {
    name: "billing",
    grpcPort: 50054,
    httpPort: 8084,
    adminPort: 9104,
    settings: ["MIZAN_FOUR_EYES"],
  },
  { name: "sms", grpcPort: 50053, httpPort: 8083, adminPort: 9103, settings: [] },
  {
    name: "settlement",
    grpcPort: 50055,
    httpPort: 8085,
    adminPort: 9105,
    settings: [
      "PAYOUT_ANSWER_MS",
      "PAYOUT_APPROVAL",
      "PAYOUT_COOL_DOWN_HOURS",
      "PAYOUT_DAY_LIMIT",
      "PAYOUT_MAX",
      "PAYOUT_MIN",
      "PAYOUT_MONTH_LIMIT",
      "PAYOUT_OVERDUE_HOURS",
      "PAYOUT_UNKNOWN_HOURS",
    ],
  },
  {
    name: "matching",
    grpcPort: 50052,
    httpPort: 8082,
    adminPort: 9102,
    settings: ["JOURNAL_KEEP_DAYS", "ORPHAN_HOLDS_S", "SNAPSHOT_BATCHES", "SNAPSHOT_MINUTES"],
  },
  {
    name: "core",
    grpcPort: 50051,
    httpPort: 8081,
    adminPort: 9101,
    settings: [
      "CORE_FOUR_EYES",
      "REQUEST_LOG_DAYS",
      "WITHDRAWAL_FEE",
      "WITHDRAWAL_NO_STATEMENTS",
      "WITHDRAWAL_WAIT_MS",
    ],
  },
];

/** The processes that work for a service, on its database, and are called by nobody. */
export const workers: readonly WorkerRow[] = [
  { name: "sms-express", service: "sms", adminPort: 9113, env: { SMS_LANE: "EXPRESS" } },
  { name: "sms-bulk", service: "sms", adminPort: 9123, env: { SMS_LANE: "BULK" } },
];

/** Where the simulated providers listen, before the offset of the stack is added. */
export const simulatorsPort = 7900;

/** The simulated banks, in the order in which settlement tries them, each with a port of its own. */
export const simulatedBanks = [
  { name: "bank", port: 7901 },
  { name: "bank-second", port: 7902 },
] as const;

/** Everyone who has a certificate and a key, whether their service runs here or not. */
export const identities = ["core", "matching", "sms", "billing", "settlement", "operator"];

/** A service and its ports, before the offset of the stack is added. */
export type ServiceRow = {
  readonly name: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
  /** What the environment of a start says to it, beside what every service is told. */
  readonly settings: readonly string[];
};

/** A worker: whose it is, its port before the offset is added, and what it is told besides. */
export type WorkerRow = {
  readonly name: string;
  readonly service: string;
  readonly adminPort: number;
  readonly env: Readonly<Record<string, string>>;
};

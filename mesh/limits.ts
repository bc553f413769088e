// Every bound of the system, by part. A limit has its unit last in its name, and a test.

// Calls
/** The largest message of the public wire and of the inside one, in bytes (G15). */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** The largest message of a service that takes batches, in bytes (G15). */
export const MAX_BATCH_MESSAGE_BYTES = 4 * 1024 * 1024;
/** The longest deadline that is ever granted, in milliseconds (G14). */
export const MAX_DEADLINE_MS = 10 * 60 * 1000;

// Lists
/** The size of a page when the caller names none. */
export const DEFAULT_PAGE_SIZE = 50;
/** The largest page. */
export const MAX_PAGE_SIZE = 1000;

// Ledger
/** The most events of one batch (CHAIN-1). */
export const MAX_BATCH_EVENTS = 8000;
/**
 * The most that one charge may be, in whole units of its asset: of the one with most decimals, 18,
 * it takes 340 million such charges to fill an account's 128 bits.
 */
export const MAX_CHARGE_UNITS = 10n ** 12n;
/** After how many ids the writer's memory of recent transfers begins a new generation, of two. */
export const RECENT_TRANSFERS_PER_GENERATION = 100_000;
/** After how many replies the writer's memory of them begins a new generation, of two. */
export const KEPT_REPLIES_PER_GENERATION = 5000;
/** How many bits the writer's filter of used ids has for each of them: one in 80 needs a look-up. */
export const BITS_PER_FILTERED_ID = 10;
/** How large that filter is at least and at most, as powers of two bits: 2 MiB and 128 MiB. */
export const FILTER_BITS = { least: 24, most: 30 } as const;
/** How many ids the filter reads from the store at a time. */
export const FILTER_CHUNK_IDS = 10_000;
/** How many events are put into one commit, give or take one request (WR-2). */
export const MAX_COMMIT_EVENTS = 4000;
/** How many events wait for the writer; more are refused (L3). */
export const MAX_QUEUED_EVENTS = 64_000;
/** How often PostgreSQL may refuse a commit because of one request before it is given up. */
export const MAX_COMMIT_REFUSALS = 3;
/** How many transfers one event carries at most; a larger commit becomes several events. */
export const MAX_EVENT_TRANSFERS = 3000;
/** How many watches over balances there may be. */
export const MAX_MONITORS = 1000;
/** How many new accounts one event tells of at most; the next ones tell of the rest. */
export const MAX_EVENT_ACCOUNTS = 1000;
/** How many transfers are made events of at a time, give or take one event. */
export const MAX_FEED_TRANSFERS = 30_000;
/** How old the events of the ledger are that a lost stream gets again, in milliseconds (N1). */
export const REPUBLISHED_MS = 48 * 3600 * 1000;
/** How many committed transfers are kept in memory for the relay. */
export const RECENT_COMMITTED_TRANSFERS = 100_000;
/** How long a writer has its shard after a commit, unless it commits again, in milliseconds (WR-6). */
export const SHARD_LEASE_MS = 5000;
/** After how long without a commit the writer says that it lives, in milliseconds. */
export const RENEW_LEASE_MS = 1000;
/** How often a standby reads what the writer has stored, in milliseconds. */
export const FOLLOW_EVERY_MS = 100;
/** How long the connection of a writer is gone until a standby takes its place, in milliseconds. */
export const OWNER_GONE_MS = 500;
/** How long the writer waits before it tries again to open its books, in milliseconds. */
export const REOPEN_MS = 200;
/** How long the connections of books that are given up may take to close, in milliseconds. */
export const CLOSE_BOOKS_MS = 1000;
/** How many rows are read at a time when the books are opened. */
export const LOAD_CHUNK_ROWS = 10_000;
/** How many parts of the accounts are read at a time, one behind the other. */
export const LOADED_CHUNKS_AHEAD = 8;
/** How many transfers are read at a time by those who go through all of them. */
export const READ_CHUNK_ROWS = 10_000;
/** The pause between two looks for transfers to seal, in milliseconds (WR-9). */
export const SEAL_EVERY_MS = 500;
/** How long the sealing pauses after a failure, in milliseconds. */
export const SEAL_RETRY_MS = 1000;
/** The pause before a thread that seals is started again that has ended, in milliseconds. */
export const SEAL_RESTART_MS = 1000;
/** How long the sealing may take to end what it has begun, in milliseconds. */
export const SEAL_STOP_MS = 5000;
/** The pause between two signatures under the head of the chain, in milliseconds (WR-9). */
export const SIGN_HEAD_EVERY_MS = 3600 * 1000;
/** How many blocks of the chain are read at a time, as far as they begin within ten full ones. */
export const SEAL_CHUNK_ROWS = 1000;
/** How many signed heads are read at a time. */
export const HEAD_CHUNK_ROWS = 1000;
/** How many rows of each side one look for a page of entries, or of transfers, goes through. */
export const MAX_SCANNED_ENTRIES = 5000;
/** The last step of an order that adds to its hold, as the contract bounds it. */
export const MAX_HOLD_STEP = 1_000_000;
/** How many extra holds amendments of one order may take. */
export const MAX_EXTRA_HOLDS = 1000;
/** How many questions by user data one look for a page of transfers asks, each of a month at most. */
export const MAX_SEARCHES = 24;
/** How many open pending transfers of an account are told at most, the oldest first. */
export const MAX_TOLD_PENDINGS = 1000;
/** How many entries of a statement are read and written into its file at a time. */
export const EXPORTED_CHUNK_ENTRIES = 500;
/** How long the audit rests after some work, as a multiple of that: it works a quarter of the time. */
export const AUDIT_REST_SHARE = 3;
/** How long after an audit the next one begins, in milliseconds. */
export const AUDIT_EVERY_MS = 5000;
/** How often it is looked whether somebody asks for an audit, in milliseconds. */
export const AUDIT_WANTED_POLL_MS = 500;
/** How often an audit writes down how far it is, in milliseconds. */
export const AUDIT_SAVE_EVERY_MS = 1000;
/** How often a long audit looks at what is new, in milliseconds. */
export const AUDIT_HEAD_EVERY_MS = 5000;
/** How many accounts it compares each time that it does so, give or take a page. */
export const AUDIT_HEAD_ACCOUNTS = 200_000;
/** How many blocks of the table of ids an audit reads at a time. */
export const AUDIT_ID_BLOCKS = 2000;
/** How often a thread that audits is started that has ended, in milliseconds. */
export const AUDIT_RESTART_MS = 1000;
/** How long a thread that audits may take to end, in milliseconds. */
export const AUDIT_STOP_MS = 5000;
/** How often the end of an audit is published that has nothing new to tell, in milliseconds. */
export const AUDIT_TOLD_EVERY_MS = 3600 * 1000;
/** How many audits are kept whose end was not published. */
export const KEPT_AUDITS = 100;
/** How much an audit keeps of what it has found; all of it is counted. */
export const KEPT_DISCREPANCIES = 1000;
/** How much of what an audit has found is published. */
export const MAX_TOLD_DISCREPANCIES = 100;
/** The longest time that a timer is set to, in milliseconds: Node's own bound is 2^31 - 1. */
export const MAX_TIMER_MS = 24 * 3600 * 1000;

// Logs
/** The longest text of a log record, in characters; the rest is cut off. */
export const MAX_LOG_TEXT_LENGTH = 8192;
/** How many bytes of log lines wait in memory before they are written (R7). */
export const LOG_BUFFER_BYTES = 4096;
/** How long log lines wait in memory at most, in milliseconds (R7). */
export const LOG_FLUSH_MS = 200;
/** How long a slow reader of the log is waited for before lines are lost, in milliseconds. */
export const LOG_WRITE_MS = 1000;

// Telemetry
/** The bounds of the durations that are told apart, in seconds. */
export const CALL_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;
/** The most series of one metric; the rest is counted together. */
export const MAX_LABEL_SETS = 1000;
/** How often the event loop is looked at, in milliseconds (R2). */
export const EVENT_LOOP_SAMPLE_MS = 10;
/** How long the event loop is looked at for one figure, in milliseconds (R2). */
export const EVENT_LOOP_WINDOW_MS = 2000;

// Start and stop
/** How long balancers have to notice that a service stops, in milliseconds (§4.4). */
export const DRAIN_WAIT_MS = 5000;
/** How long calls have to end by themselves after they were told to, in milliseconds. */
export const DRAIN_LAST_MS = 500;
/** How long a check of readiness may take, in milliseconds. */
export const READY_CHECK_MS = 1000;

// HTTP
/** How long a connection may be idle between requests, in milliseconds; a proxy has 60 s (R4). */
export const HTTP_IDLE_MS = 65_000;
/** How long the headers of a request may take, in milliseconds (R4). */
export const HTTP_HEADERS_MS = 20_000;
/** How long a request may take to arrive, in milliseconds (R4); it must exceed that of headers. */
export const HTTP_REQUEST_MS = 30_000;
/** How long a peer may take nothing of an answer, in milliseconds. */
export const HTTP_STALL_MS = 30_000;
/** The most bytes of the headers of a request (R4). */
export const MAX_HEADER_BYTES = 16 * 1024;
/** The most requests over one connection, before it has to be opened anew (R4). */
export const MAX_REQUESTS_PER_SOCKET = 10_000;
/** The most connections to one port. */
export const MAX_CONNECTIONS = 10_000;
/** The most calls from outside that a service works on at a time; more are refused (R3). */
export const MAX_EDGE_CALLS = 1000;
/** The largest body of a plain path of a replaced system, in bytes (R4). */
export const MAX_COMPAT_BYTES = 64 * 1024;
/** How many WebSockets a service has at a time, and how many of one network (R3). */
export const MAX_SOCKETS = { all: 5000, ofNetwork: 2000 } as const;
/** The largest message that a client of a WebSocket may send, in bytes, and its most fragments. */
export const MAX_SOCKET_MESSAGE_BYTES = 16 * 1024;
export const MAX_SOCKET_FRAGMENTS = 64;
/** How many messages a client of a WebSocket may send, pings among them. */
export const SOCKET_RATE = { perSecond: 20, burst: 200 } as const;
/** After how long without a sign a client of a WebSocket is asked for one, in milliseconds; once. */
export const SOCKET_SIGN_MS = 20_000;
/** How long a client of a WebSocket may take to say goodbye, in milliseconds. */
export const SOCKET_CLOSE_MS = 2000;
/** How many bytes may wait for a client of a WebSocket before its next ones are held back. */
export const SOCKET_HELD_BYTES = 64 * 1024;
/** How long such a client may take nothing, in milliseconds. */
export const SOCKET_STALL_MS = 10_000;
/** How often connections that fell idle are closed during a drain, in milliseconds. */
export const DRAIN_SWEEP_MS = 50;
/** How long a browser remembers what another origin's pages may call, in seconds. */
export const CORS_AGE_S = 600;
/** How long a browser may keep a page of the documentation, in seconds. */
export const DOCS_AGE_S = 300;
/** After how long a caller may try again when a part is overloaded, in milliseconds. */
export const OVERLOAD_RETRY_MS = 1000;

// Identity
/** How long a development authority lives, in milliseconds. */
export const AUTHORITY_LIFE_MS = 365 * 24 * 3600 * 1000;
/** How long a development certificate lives, in milliseconds. */
export const CERTIFICATE_LIFE_MS = 7 * 24 * 3600 * 1000;
/** How often certificates and token keys are read again, in milliseconds (G18). */
export const RELOAD_MS = 5000;
/** How soon keys are read once more for a token of an unknown key, in milliseconds. */
export const MIN_RELOAD_MS = 1000;
/** How long an internal token is valid, in seconds (S6). */
export const INTERNAL_TOKEN_LIFE_S = 60;
/** How long an access token may be valid, in seconds (S4). */
export const MAX_ACCESS_TOKEN_LIFE_S = 600;
/** How far the clocks of two machines may differ for tokens, in seconds (L16). */
export const TOKEN_LEEWAY_S = 5;
/** The longest token that is looked at, in characters (S4). */
export const MAX_TOKEN_LENGTH = 4096;
/** The most tokens that are remembered as verified, and the most that are kept to be sent. */
export const MAX_KNOWN_TOKENS = 10_000;

// Database
/** How long a statement may run, in milliseconds (§4.5). */
export const STATEMENT_TIMEOUT_MS = 2000;
/** How long a statement waits for a lock, in milliseconds (§4.5). */
export const LOCK_TIMEOUT_MS = 500;
/** How long a transaction may wait for its next statement, in milliseconds (O7). */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5000;
/** After how long an answer of a server is given up for lost, in milliseconds (L12). */
export const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1000;
/** How long a call waits for a connection of the pool while all are in use, in milliseconds (L14). */
export const ACQUIRE_TIMEOUT_MS = 250;
/** How long one may take to be opened, in milliseconds: much longer while the machine is busy. */
export const DATABASE_CONNECT_MS = 2000;
/** How many calls wait for a connection of the pool (R3). */
export const MAX_ACQUIRE_WAITING = 200;
/** How long a connection of the pool is used, in seconds (L12). */
export const CONNECTION_LIFETIME_S = 30 * 60;
/** How often a transaction that lost against another is tried again (L5). */
export const MAX_TRANSACTION_RETRIES = 3;
/** How long a migration waits for a lock that the running service holds, in milliseconds (P5). */
export const MIGRATION_LOCK_TIMEOUT_MS = 2000;
/** How long all migrations of a start may take, in milliseconds. */
export const MAX_MIGRATION_MS = 10 * 60 * 1000;
/** How long a statement of a connection outside the pool may run, in milliseconds. */
export const DIRECT_STATEMENT_TIMEOUT_MS = 30_000;

// Idempotency
/** How long an answer is kept for whoever asks again, in days (IDEM-5). */
export const IDEMPOTENCY_KEPT_DAYS = 7;
/** After how long to ask again for an answer that is being worked out, in milliseconds. */
export const IN_PROGRESS_RETRY_MS = 1000;
/** How many rows a job removes at once. */
export const PRUNE_BATCH_ROWS = 1000;
/** How often answers that are old enough are removed, in milliseconds. */
export const PRUNE_EVERY_MS = 10 * 60 * 1000;

// Jobs
/** How long a lease lasts that is not renewed, in milliseconds. */
export const LEASE_MS = 5000;
/** The longest pause of a job that fails over and over, in milliseconds. */
export const MAX_JOB_BACKOFF_MS = 30_000;

// Local servers
/** How long a server may take to start, in milliseconds. */
export const SERVER_START_MS = 30_000;
/** How long a server has to end by itself before it is killed, in milliseconds. */
export const SERVER_STOP_MS = 10_000;

// Events
/** The largest payload of an event, in bytes; the broker is told the same. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024 - 64 * 1024;
/** What the headers of an event may take, in bytes. */
export const MAX_EVENT_HEADER_BYTES = 64 * 1024;
/** What a stream keeps at most, in bytes; a full one takes no more until its oldest is gone (N8). */
export const STREAM_MAX_BYTES = 8 * 1024 ** 3;
/** How long a stream keeps an event, in milliseconds. */
export const STREAM_MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** How long the broker knows the ids of messages, in milliseconds (N4). */
export const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;
/** How long the broker may take to answer, in milliseconds. */
export const BROKER_TIMEOUT_MS = 5000;
/** How long a start waits for the broker before it goes on without, in milliseconds (N12). */
export const BROKER_CONNECT_MS = 2000;
/** After how long a lost broker is tried again, in milliseconds; as much again is added at random. */
export const BROKER_RECONNECT_MS = 250;
/** How often a silent connection to the broker is tried, in milliseconds. */
export const BROKER_PING_MS = 5000;
/** How many events the relay publishes before it waits for the first answer. */
export const MAX_EVENTS_IN_FLIGHT = 256;
/** How many bytes the relay publishes before it waits for the first answer. */
export const MAX_EVENT_BYTES_IN_FLIGHT = 16 * 1024 * 1024;
/** How often the relay looks for events that nobody told it of, in milliseconds (O4). */
export const RELAY_POLL_MS = { usual: 100, most: 250 } as const;
/** The same for express messages, which another process may have taken that does not relay. */
export const EXPRESS_POLL_MS = { usual: 100, most: 100 } as const;
/** How often the relay compares the stream with the database, in milliseconds (N2). */
export const RELAY_CHECK_MS = 10_000;
/** How often the relay writes down how far it is, in milliseconds. */
export const RELAY_SAVE_MS = 1000;
/** How often a relay asks whether it is its turn, in milliseconds (O3). */
export const RELAY_TURN_MS = 1000;
/** How long a relay that stops goes on with what is not published yet, in milliseconds (§4.4). */
export const RELAY_FLUSH_MS = 2000;
/** How long the relay waits after a failure, in milliseconds; it doubles up to the last. */
export const RELAY_BACKOFF_MS = [100, 5000] as const;
/** How many messages at the end of a stream are searched for one of the relay's own. */
export const MAX_FOREIGN_MESSAGES = 64;
/** Up to how many events without a number are counted for the metric of those that wait. */
export const MAX_EVENTS_COUNTED = 10_000;
/** The bounds of the time from an event to its publication that are told apart, in seconds. */
export const RELAY_LAG_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
] as const;
/** How long a consumer waits before each further attempt, in milliseconds (N10). */
export const RETRY_DELAYS_MS = [200, 1000, 5000, 15_000, 60_000] as const;
/** After how long without a sign the broker gives an event to a consumer again, in milliseconds. */
export const ACK_WAIT_MS = 30_000;
/** How many events a consumer holds that it has not worked on yet (R3). */
export const MAX_EVENTS_HELD = 64;
/** How many events a consumer works on at the same time, each of another key's bucket. */
export const MAX_EVENTS_AT_WORK = 4;
/** How often the broker gives a sign to a consumer that waits, in milliseconds (N13). */
export const CONSUMER_HEARTBEAT_MS = 2500;
/** How long a consumer waits before it begins again, in milliseconds (N13). */
export const CONSUMER_BACKOFF_MS = 500;
/** The bounds of the time from an event to its effect that are told apart, in seconds. */
export const EVENT_AGE_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600] as const;
/** How long a consumer that stops goes on with the events that it holds, in milliseconds (§4.4). */
export const CONSUMER_FLUSH_MS = 5000;
/** How often a consumer looks for dead letters that were requeued, in milliseconds. */
export const REQUEUED_POLL_MS = 1000;
/** How often old events are looked for, in milliseconds (O7). */
export const PRUNE_EVENTS_MS = 60 * 60 * 1000;
/** How long a dead letter is kept whose event was worked on in the end, in days. */
export const DEAD_LETTER_KEPT_DAYS = 30;
/** How many days the ring of the inbox has; it remembers all but two of them (O5). */
export const INBOX_DAYS = 8;
/** The longest cause of a dead letter that is kept, in characters. */
export const MAX_DEAD_LETTER_ERROR_LENGTH = 2000;

// Request log
/** The longest key of a call that is kept, in characters. */
export const MAX_LOGGED_KEY_LENGTH = 64;
/** How many records of calls wait to be written; more are dropped and counted (R3). */
export const MAX_CALLS_BUFFERED = 20_000;
/** How many records of calls are written at once. */
export const MAX_CALLS_WRITTEN = 2000;
/** How long a record of a call waits for others, in milliseconds. */
export const CALLS_FLUSH_MS = 200;
/** After how long records of calls are tried again that could not be written, in milliseconds. */
export const CALLS_RETRY_MS = 1000;
/** How long the log waits for what a stream is asked for before it may be refused, in milliseconds. */
export const FIRST_MESSAGE_WAIT_MS = 500;
/** How many connections that TLS refuses are logged; the others are only counted (R3). */
export const REFUSED_CONNECTIONS = { perSecond: 2, burst: 100 } as const;
/** How many calls one look for a page goes through; the page may be short then. */
export const MAX_SCANNED_REQUEST_LOGS = 20_000;
/** How often the days of the request log are made and dropped, in milliseconds. */
export const REQUEST_LOG_DAYS_MS = 60 * 60 * 1000;

// Admission
/** How often one address or one person may call, by the class of the method (S17). */
export const CALL_RATES = {
  /** Log-in, joining and one-time passwords; core has tighter limits of its own (S3). */
  EXPRESS: { perSecond: 50, burst: 300 },
  MONEY: { perSecond: 200, burst: 1000 },
  READ: { perSecond: 500, burst: 2000 },
  BULK: { perSecond: 100, burst: 400 },
} as const;
/** The most callers whose rate is remembered, for each class (S17). */
export const MAX_RATED_CALLERS = 20_000;
/** How many calls run at the same time: at the start, at least and at most. */
export const CONCURRENT_CALLS = { start: 60, min: 4, max: 500 } as const;
/** The part of the capacity that each class of calls is sure of. */
export const CLASS_SHARES = { EXPRESS: 0.2, MONEY: 0.5, READ: 0.2, BULK: 0.1 } as const;
/** The part of the capacity up to which each class may borrow from the others. */
export const CLASS_BORROWING = { EXPRESS: 1, MONEY: 0.95, READ: 0.85, BULK: 0.7 } as const;
/** The most calls of each class that wait for their turn (R3). */
export const MAX_WAITING_CALLS = 500;
/** How long a call waits for its turn at most, in milliseconds: usually, and under overload. */
export const CALL_WAIT_MS = { usual: 250, overload: 50 } as const;
/** How many calls are looked at before the capacity is estimated anew, or for how long. */
export const CAPACITY_WINDOW = { calls: 100, ms: 1000 } as const;
/** How late the event loop may be before calls are shed, in milliseconds (R2). */
export const MAX_EVENT_LOOP_DELAY_MS = 50;
/** The part of its time that a late event loop may work before calls are shed. */
export const MAX_UNPRESSED_UTILIZATION = 0.7;
/** How long a call may wait for a connection to the database before calls are shed, in milliseconds. */
export const MAX_UNPRESSED_WAIT_MS = 50;
/** The longest account of what a request breaks in the contract, in characters. */
export const MAX_VIOLATIONS_LENGTH = 1000;

// Router
/** The most idle connections that the router keeps to one service. */
export const ROUTER_FREE_SOCKETS = 256;
/** How long the router keeps an idle connection to a service, in milliseconds; less than R4. */
export const ROUTER_IDLE_MS = 15_000;
/** How long a service may take to accept a connection, in milliseconds. */
export const ROUTER_CONNECT_MS = 2000;
/** How long a service may take to begin its answer, in milliseconds. */
export const ROUTER_ANSWER_MS = 60_000;
/** How long requests have to end when the router stops, in milliseconds (§4.4). */
export const ROUTER_DRAIN_MS = 15_000;

// Identity
/** How many passwords are hashed at the same time (S2). */
export const MAX_HASHES_RUNNING = 2;
/** How many passwords wait to be hashed; more are refused (S2). */
export const MAX_HASHES_WAITING = 50;
/** What one hash of a password costs, as argon2id has it (S1). */
export const PASSWORD_COST = { memoryKib: 19_456, passes: 2, parallelism: 1 } as const;
/** The shortest password, in characters that the owner's names don't make up (S1). */
export const MIN_PASSWORD_LENGTH = 8;
/** How many wrong passwords one network may try for one name before it has to wait (S3). */
export const FREE_LOGIN_ATTEMPTS = 5;
/** How long the first wait is, in milliseconds; it doubles with each further attempt (S3). */
export const LOGIN_DELAY_MS = 1000;
/** The longest wait between two attempts, in milliseconds (S3). */
export const MAX_LOGIN_DELAY_MS = 15 * 60 * 1000;
/** After how long without an attempt a network begins anew, in milliseconds (S3). */
export const LOGIN_ATTEMPTS_KEPT_MS = 60 * 60 * 1000;
/** How many movements that wait for a second administrator are compared with the call of another. */
export const MAX_ASKED_MOVEMENTS = 1000;
/** How often one network may be wrong, for whatever names (S3). */
export const NETWORK_FAILURES = { burst: 100, everyMs: 6000 } as const;
/** The most networks, and the most pairs of name and network, that are remembered (S17). */
export const MAX_LOGIN_ATTEMPTS_KEPT = 20_000;
/** How long an access token is valid, in seconds (S4). */
export const ACCESS_TOKEN_LIFE_S = 600;
/** How long a refresh token waits for its use, in days. */
export const REFRESH_TOKEN_LIFE_DAYS = 30;
/** How long a session lasts at most, in days. */
export const SESSION_LIFE_DAYS = 90;
/** How long a used refresh token is answered with its successor again, in seconds (S5). */
export const REFRESH_GRACE_S = 30;
/** After how long a registration that did not finish is finished by a job, in seconds. */
export const OPENING_PATIENCE_S = 5;
/** How many such registrations are finished at once. */
export const MAX_OPENED_AT_ONCE = 100;
/** After how long a limit of credit that was not set is set by a job, in seconds. */
export const CREDIT_CHANGE_PATIENCE_S = 10;
/** How many such limits are set in one run. */
export const MAX_FINISHED_CREDIT_CHANGES = 100;
/** How many first accounts one call to the ledger opens, and how many wait for the next. */
export const OPENED_ACCOUNTS = { perCall: 1000, waiting: 8000 } as const;
/** How many ended sessions are deleted at once. */
export const MAX_SESSIONS_PRUNED = 1000;

// Service
/** How many connections to its database a service keeps (L14). */
export const DATABASE_POOL_SIZE = 6;
/** How long calls that are under way may take to end when a service stops, in milliseconds. */
export const DRAIN_GRACE_MS = 15_000;

/** How many connections to the database a worker keeps (L14). */
export const WORKER_POOL_SIZE = 4;
/** How long a worker waits for its service to have made the schema, in milliseconds. */
export const WORKER_START_MS = 60_000;

// Channels
/** How much of its requests one connection may keep in memory, in megabytes (G15). */
export const MAX_SESSION_MEGABYTES = 512;
/** After how long a peer is told to connect anew, in milliseconds (G20); new calls do so at once. */
export const CONNECTION_AGE_MS = 90_000;
/** How long the calls that run then may still take, in milliseconds: as long as the longest stream. */
export const CONNECTION_GRACE_MS = 3600 * 1000;
/** How often a call that is safe to repeat is sent at most (G9). */
export const MAX_CALL_ATTEMPTS = 3;
/** How long a stop may take before the process is killed, in milliseconds (§4.4). */
export const HARD_STOP_MS = 25_000;

// SMS
/** How many recipients one chunk has at most: what one call to a provider takes (LANE-5). */
export const MAX_CHUNK_MESSAGES = 100;
/** How many characters an estimate names that make a text UCS-2 (API-2). */
export const MAX_NON_GSM_CHARS = 20;
/** How many rates a rate card has at most (RATE-1). */
export const MAX_RATES = 1000;
/** How many tasks one pointer of a lane names at most: what a worker takes at once. */
export const MAX_POINTED_TASKS = 100;
/** How long a job that looks again and again keeps its lease in one run, in milliseconds. */
export const STEADY_RUN_MS = 15_000;
/** How long a call to a provider may take, in milliseconds, unless the provider's row says else. */
export const PROVIDER_TIMEOUT_MS = 10_000;
/** The longest answer of a provider that is read, in bytes (PROV-2). */
export const PROVIDER_ANSWER_BYTES = 256 * 1024;
/** How many connections are kept to one provider at most. */
export const PROVIDER_CONNECTIONS = 64;
/** How long an idle connection to a provider is kept, in milliseconds: less than they keep it. */
export const PROVIDER_IDLE_MS = 4000;
/** How many references a provider is asked for at the same time where each takes a call. */
export const MAX_LOOKUPS_AT_ONCE = 8;
/** How many receipts one call-back of a provider brings at most. */
export const MAX_CALLBACK_RECEIPTS = 1000;
/** How many messages one look for a page goes through; the page may be short then (REP-1). */
export const MAX_SCANNED_MESSAGES = 20_000;
/** How many messages a report of the plain HTTP path goes through and counts at most. */
export const MAX_REPORTED_MESSAGES = 50_000;
/** The largest call-back of a provider, in bytes. */
export const MAX_CALLBACK_BYTES = 64 * 1024;
/** How long the body of a call-back may take to arrive, in milliseconds. */
export const CALLBACK_BODY_MS = 5000;
/** How many call-backs are under way at a time; more are refused (R3). */
export const MAX_CALLBACKS = 200;
/** How many receipts one commit takes in, and how many wait for the next (DLR-1). */
export const TAKEN_RECEIPTS = { perCommit: 5000, waiting: 50_000 } as const;
/** How many receipts are applied in one transaction. */
export const MAX_APPLIED_RECEIPTS = 400;
/** How soon receipts are looked for when there were none, in milliseconds: at first and at most. */
export const RECEIPTS_IDLE_MS = { usual: 50, most: 100 } as const;
/** The first pause of a receipt whose message is not known yet, in milliseconds (DLR-4). */
export const PARKED_RECEIPT_MS = 50;
/** How many tasks, and messages of them, are asked about at a time, and in how many calls at once. */
export const POLLED = { tasks: 1000, messages: 1000, callsAtOnce: 4 } as const;
/** How long tasks are left alone by others while they are asked about, in milliseconds. */
export const POLL_CLAIM_MS = 60_000;
/** How soon messages without receipts are looked for when there were none, in milliseconds. */
export const POLL_IDLE_MS = { usual: 1000, most: 1000 } as const;
/** The longest pause between two questions for the same receipt, in milliseconds (DLR-1). */
export const MAX_POLL_PAUSE_MS = 3600 * 1000;
/** How many steps the ledger is told at a time: the most of one call to it. */
export const MAX_TOLD_STEPS = 1000;
/** How soon steps for the ledger are looked for when there were none, in milliseconds. */
export const LEDGER_STEPS_IDLE_MS = { usual: 50, most: 250 } as const;
/** How often a step that the ledger refused is tried, and how many of them at a time. */
export const REFUSED_STEPS = { attempts: 10, perPass: 100 } as const;
/** The first pause of a refused step, and how often they are looked at, in milliseconds. */
export const REFUSED_STEP_MS = 5000;
/** The bounds of the time from a decision to its booking that are told apart, in seconds (G7). */
export const LEDGER_LAG_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30, 300] as const;
/** The bounds of the time from a receipt to its effect that are told apart, in seconds. */
export const RECEIPT_LAG_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60] as const;
/** How many days messages and their texts are kept after they have ended (DATA-2, REP-4). */
export const KEPT_DAYS = { messages: 30, texts: 7 } as const;
/** For how many days ahead the tables of messages have parts. */
export const DAYS_AHEAD = 7;
/** How often days are made and dropped, in milliseconds. */
export const DAYS_EVERY_MS = 3600 * 1000;
/** How long the drop of a day waits for a lock; messages wait behind it, in milliseconds. */
export const DROP_LOCK_TIMEOUT_MS = 300;
/** How far back money is compared, and how young it is left alone, in milliseconds (MON-9). */
export const COMPARED_MS = { from: 3600 * 1000, to: 10_000 } as const;
/** How many chunks are compared at a time, and for how long in one run. */
export const COMPARED_CHUNKS = { perStatement: 500, perRunMs: 1000 } as const;
/** How often money is compared, in milliseconds (MON-9). */
export const COMPARE_EVERY_MS = 30_000;
/** How late a task may be before somebody is told, in milliseconds (ST-3). */
export const MAX_TASK_DELAY_MS = 5 * 60 * 1000;
/** The longest text, in characters. */
export const MAX_CONTENT_LENGTH = 4096;
/** The longest form of a receiver, in characters. */
export const MAX_RECEIVER_LENGTH = 40;
/** How much of a line that nobody owns is shown, in characters. */
export const MAX_SENDER_LENGTH = 20;
/** The longest name that a sender may give to a message, in characters. */
export const MAX_CLIENT_REFERENCE_LENGTH = 64;
/** The most labels of a message, and the longest of them, in characters. */
export const MAX_TAGS = 10;
export const MAX_TAG_LENGTH = 32;
/** The longest pause before something is tried or asked at a provider again, in milliseconds. */
export const MAX_RETRY_DELAY_MS = 60_000;
/** How many messages a page of the report of the plain HTTP path has. */
export const REPORT_PAGE_MESSAGES = 25;
/** How often the changes of messages are looked for while somebody watches, in milliseconds. */
export const WATCH_POLL_MS = { usual: 50, most: 100 } as const;
/** How many events of the log are read at a time for those who watch. */
export const WATCH_READ_EVENTS = 100;
/** After how long without a change a watcher gets a sign of life, in milliseconds (CT-5). */
export const WATCH_SIGN_MS = 15_000;
/** How many watchers a process has at most, and how many of one account (R3). */
export const MAX_WATCHERS = { all: 500, ofAccount: 20 } as const;
/** How many changes wait for a watcher that reads slowly, before its stream is ended (G16). */
export const MAX_WATCHED_CHANGES_WAITING = 5000;
/** How many changes one answer to a watcher has at most. */
export const MAX_WATCHED_CHANGES = 500;
/** How soon due tasks are looked for when there were none, in milliseconds, by who waits. */
export const SWEEP_IDLE_MS = {
  EXPRESS: { usual: 100, most: 250 },
  BULK: { usual: 100, most: 1000 },
} as const;
/** How many due tasks are swept at a time. */
export const MAX_SWEPT_TASKS = 200;
/** How many tasks with uncertain messages a provider is asked about at a time (FO-3). */
export const MAX_RESOLVED_TASKS = 20;
/** How long a provider is asked about them, and how long others leave them alone, in milliseconds. */
export const LOOKUP_MS = 20_000;
export const LOOKUP_LEASE_MS = 25_000;
/** How many messages are between their request and its answer; more are refused (R3). */
export const MAX_ACCEPTING_MESSAGES = 20_000;
/** How many messages one transaction of the acceptance takes, give or take one request. */
export const MAX_STORED_AT_ONCE = 2000;
/** How many holds one call to the ledger makes or releases at most. */
export const MAX_HOLDS_PER_CALL = 1000;
/** How long one call to the ledger may take while callers wait, in milliseconds. */
export const HOLD_CALL_MS = 5000;
/** The pauses before the ledger is asked again: at first and at most, in milliseconds. */
export const HOLD_RETRY_MS = { first: 20, most: 500 } as const;
/** How long before an acceptance is given up the ledger is asked last, in milliseconds (MON-4). */
export const ABANDON_MARGIN_MS = 5000;
/** How long a hold lasts beyond the time of its messages, in milliseconds: a net only (MON-6). */
export const HOLD_NET_MS = 48 * 3600 * 1000;
/** How many batches of a lane are under way in a worker (LANE-4). */
export const LANE_BATCHES = { EXPRESS: 8, BULK: 4 } as const;
/** How many pointers of a subject a worker takes ahead; each may name many tasks. */
export const LANE_HELD_POINTERS = { EXPRESS: 64, BULK: 4 } as const;
/** How often a worker that has nothing to do looks again, in milliseconds. */
export const LANE_IDLE_MS = 1000;
/** After how long tasks come again that could not be taken, in milliseconds. */
export const LANE_RETRY_MS = 1000;
/** The first and the longest pause before outcomes are recorded once more, in milliseconds. */
export const RECORD_RETRY_MS = { first: 100, most: 3000 } as const;
/** How much a worker may hand over at once after a pause, in milliseconds of its rate (LANE-3). */
export const TOKEN_BURST_MS = 100;
/** The part of a provider's rate that each lane may use while express is in use (LANE-2). */
export const LANE_SHARES = { EXPRESS: 1, BULK: 0.3 } as const;
/** For how long the express lane counts as in use after it was, in milliseconds (LANE-2). */
export const LANE_USED_MS = 2000;
/** How often the lanes tell and ask each other of that, in milliseconds (LANE-2). */
export const LANE_USE_LOOK_MS = 200;
/** How many calls fail in a row, or for how long, before a worker pauses (ROUTE-3). */
export const BREAKER_FAILURES = 5;
export const BREAKER_FAILING_MS = 1000;
/** The first and, by lane, the longest of its pauses, each twice the one before, in milliseconds. */
export const BREAKER_PAUSE_MS = { first: 500, most: { EXPRESS: 2000, BULK: 30_000 } } as const;
/** The bounds of the time in a lane that are told apart, in seconds. */
export const QUEUE_SECONDS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 120, 600, 3600,
] as const;
/** How many tasks of acceptances that have not ended are given up at a time. */
export const MAX_ABANDONED_AT_ONCE = 100;
/** How often it is looked for such acceptances, in milliseconds. */
export const ABANDONED_IDLE_MS = { usual: 1000, most: 1000 } as const;
/** How often it is measured what waits in the lanes, in milliseconds. */
export const QUEUES_EVERY_MS = 5000;
/** How many tasks of a lane are counted at most. */
export const MAX_COUNTED_TASKS = 10_000;
/** How long it is tried at least to bring a stored acceptance to its end, in milliseconds. */
export const LEAST_ENDURANCE_MS = 1000;
/** The pause before what is reserved is queued again when the database was busy, in milliseconds. */
export const QUEUE_RETRY_MS = 50;
/** How often a group of acceptances that fails is divided to find out for whom it fails. */
export const MAX_GROUP_DIVISIONS = 24;
/** How many connections to its database sms keeps: six for the acceptance, the rest for all else. */
export const SMS_POOL_SIZE = 12;
/** How often it is looked whether the planner should look at tables anew, in milliseconds. */
export const PLANNER_EVERY_MS = 5000;
/** How many times the usual wait a task waits at most until it is put into its lane again. */
export const MAX_REQUEUE_WAITS = 8;
/** How long a process waits at a failpoint of a test at most, in milliseconds. */
export const MAX_FAILPOINT_WAIT_MS = 60_000;

// Banks
/** How many transfers one call to a bank has at most, and references one question. */
export const BANK_TRANSFERS_PER_CALL = 100;
/** How much of a bank's words, and of its raw answer about a transfer, is kept, in characters. */
export const MAX_BANK_TEXT_LENGTH = 500;
/** How old, or how far ahead, the signature of a bank's call-back may be, in seconds. */
export const CALLBACK_AGE_S = 300;
/** How many call-backs of banks one commit takes in, and how many wait for the next. */
export const TAKEN_CALLBACKS = { perCommit: 500, waiting: 5000 } as const;
/** How many of them are applied in one transaction. */
export const MAX_APPLIED_CALLBACKS = 200;
/** How soon call-backs of banks are looked for when there were none, in milliseconds. */
export const CALLBACKS_IDLE_MS = { usual: 100, most: 250 } as const;
/** The longest pause before a call-back is tried again that can't be applied, in milliseconds. */
export const MAX_CALLBACK_PAUSE_MS = 10 * 60 * 1000;
/** How long call-backs of banks are kept after they were applied, in days. */
export const CALLBACK_KEPT_DAYS = 90;

// Payouts
/** How many connections to its database settlement keeps. */
export const SETTLEMENT_POOL_SIZE = 8;
/** How many payouts are stored in one commit, and how many outcomes recorded in one. */
export const MAX_ACCEPTED_PAYOUTS = 1000;
export const MAX_RECORDED_PAYOUTS = 500;
/** How many payouts wait to be stored, for a call to their provider, or to be recorded. */
export const MAX_WAITING_TRANSFERS = 20_000;
/** How many calls to one provider are under way at a time. */
export const MAX_BANK_CALLS = 8;
/** How long after its attempt was written a call may begin, in milliseconds. */
export const BANK_CALL_MARGIN_MS = 2000;
/** The bounds of the durations of calls to providers that are told apart, in seconds. */
export const BANK_CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** How long a provider that has too little of our money gets no new payouts, in milliseconds. */
export const SHORT_OF_FUNDS_MS = 5000;
/** How long a provider that takes nothing gets no new attempts, at first and at most. */
export const MIN_BANK_PAUSE_MS = 500;
export const MAX_BANK_PAUSE_MS = 15_000;
/** How many beneficiaries are known in memory to be past their cool-down. */
export const MAX_KNOWN_BENEFICIARIES = 100_000;
/** When a provider is asked first after a call whose outcome is unknown, in milliseconds. */
export const PAYOUT_FIRST_LOOK_MS = 500;
/** When it is asked first for a payment that it has accepted, in milliseconds. */
export const PAYOUT_TRANSIT_LOOK_MS = 5000;
/** The longest pause between two looks at a payout, in milliseconds. */
export const MAX_PAYOUT_LOOK_MS = 60_000;
/** How many payouts are taken on at a time, and how long nobody else takes them, in milliseconds. */
export const MAX_SWEPT_PAYOUTS = 500;
export const PAYOUT_CLAIM_MS = 5000;
/** How long a provider may take to tell its balance: all that is due waits for it. */
export const BALANCE_CALL_MS = 1000;
/** How often it is looked for payouts that are due, in milliseconds. */
export const PAYOUTS_IDLE_MS = { usual: 200, most: 1000 } as const;
/** How often it is looked for payouts that have not ended for too long, in milliseconds. */
export const TELL_STUCK_MS = 10_000;
/** How often somebody is told at most that a provider has too little of our money, in milliseconds. */
export const FUNDS_ALARM_MS = 10 * 60 * 1000;
/** How often it is measured how many payouts have not ended, in milliseconds. */
export const MEASURE_PAYOUTS_MS = 5000;

// Withdrawals
/** How many connections to its database core keeps: most of them for withdrawals. */
export const CORE_POOL_SIZE = 12;
/** How many withdrawals one statement stores at most, how many wait for the next, and their pace. */
export const STORED_WITHDRAWALS = {
  maxItems: 500,
  maxWaiting: 4000,
  maxRunning: 2,
  everyMs: 50,
} as const;
/** How many withdrawals share the calls of a cohort, and how many cohorts are under way. */
export const ADVANCED_WITHDRAWALS = { maxItems: 500, maxWaiting: 8000, maxRunning: 8 } as const;
/** How many withdrawals a process carries out at a time before it takes no more of them (R3). */
export const MAX_UNDER_WAY_WITHDRAWALS = 5000;
/** How many calls of a process wait for ends; more are answered with the state of then (R3). */
export const MAX_WAITING_WITHDRAWALS = 800;
/** How long before its deadline a call that waits for an end is answered, in milliseconds. */
export const WITHDRAWAL_ANSWER_MS = 200;
/** How long a call waits for credit and pool even where it waits for no end, in milliseconds. */
export const HOLD_VERDICT_MS = 1000;
/** How long a withdrawal is left to who has taken it up, in milliseconds. */
export const WITHDRAWAL_LEASE_MS = 6000;
/** How long a withdrawal is carried on before it is left to the job, in milliseconds: less. */
export const ADVANCE_MS = 4000;
/** How long one call to another service may take on the way of a withdrawal, in milliseconds. */
export const PEER_CALL_MS = 2000;
/** The pauses before such a call is made again: at first and at most, in milliseconds. */
export const PEER_RETRY_MS = { first: 20, most: 500 } as const;
/** The pauses before a withdrawal that is not done is taken up again, in milliseconds. */
export const WITHDRAWAL_PAUSES_MS = [500, 2000, 5000, 15_000, 60_000, 300_000] as const;
/** How often those who wait look for what other processes have done, in milliseconds. */
export const WITHDRAWAL_POLL_MS = 200;
/** How soon due withdrawals are looked for when there were none, in milliseconds. */
export const WITHDRAWALS_IDLE_MS = { usual: 100, most: 250 } as const;
/** How many due withdrawals are taken up at a time. */
export const MAX_DUE_WITHDRAWALS = 500;
/** How long the keys of requests of withdrawals are kept, in milliseconds (A3): a little longer. */
export const WITHDRAWAL_KEYS_KEPT_MS = 7 * 24 * 3600 * 1000 + 3600 * 1000;
/** How often open withdrawals are counted, in milliseconds, and up to how many. */
export const MEASURE_WITHDRAWALS_MS = 5000;
export const MAX_COUNTED_WITHDRAWALS = 10_000;
/** How many withdrawals one look for a page goes through; the page may be short then. */
export const MAX_SCANNED_WITHDRAWALS = 20_000;

// Statements of banks
/** How many lines of a statement are written in one statement of SQL. */
export const STATEMENT_CHUNK_LINES = 2000;
/** How many payouts are compared with their lines at a time. */
export const MAX_JUDGED_PAYOUTS = 1000;
/** How many differences are counted at most. */
export const MAX_COUNTED_DIFFERENCES = 100_000;
/** How many payouts one look notes as missing; the next ones note the rest. */
export const MAX_NOTED_MISSING = 10_000;
/** How long after the last part of a statement it is told of what differs, in milliseconds. */
export const STATEMENT_QUIET_MS = 10_000;
/** How often statements are looked through for what has changed since, in milliseconds. */
export const REVIEW_STATEMENTS_EVERY_MS = 5000;
/** How many differences one look goes through for payouts that have changed since. */
export const MAX_REVIEWED_DIFFERENCES = 5000;
/** How many of the newest statements are looked at for what administrators have to be told. */
export const MAX_REVIEWED_STATEMENTS = 400;
/** How often banks are asked about payouts that came back by a statement, in milliseconds. */
export const ASK_RETURNS_EVERY_MS = 2000;
/** The first and the longest pause before a bank is asked about the same again, in milliseconds. */
export const RETURN_LOOK_MS = { first: 60_000, most: 24 * 3600 * 1000 } as const;
/** How often it is looked what is on no statement for too long, in milliseconds. */
export const OVERDUE_EVERY_MS = 60_000;
/** After how long administrators are told again of what is overdue, in milliseconds. */
export const OVERDUE_TOLD_EVERY_MS = 24 * 3600 * 1000;
/** How many transfers one call has the ledger make of what statements show. */
export const BOOKINGS_PER_CALL = 2000;
/** The pause between two looks for such transfers, in milliseconds. */
export const BOOKINGS_IDLE_MS = { usual: 500, most: 1000 } as const;
/** The first and the longest pause after which a refused one is tried again, in milliseconds. */
export const BOOKING_RETRY_MS = { first: 60_000, most: 3600 * 1000 } as const;

// Orders
/** How many connections to its database matching keeps. */
export const MATCHING_POOL_SIZE = 8;
/** How many markets a shard lists at most. */
export const MAX_MARKETS = 1000;
/** How long the client's id of an order that ended stays taken, in milliseconds. */
export const CLIENT_KEY_KEPT_MS = 24 * 3600 * 1000;
/** How many of them are kept in memory at most; the store knows of the older ones. */
export const MAX_RECENT_CLIENT_KEYS = 2 ** 20;

// Journal of the exchange
/** How many commands a batch of the journal has at most, but for those that make accounts known. */
export const MAX_BATCH_COMMANDS = 4096;
/** How many commands wait for the writer of the exchange; more are refused (L3). */
export const MAX_QUEUED_COMMANDS = 65_536;
/** How many released orders the writer has in mind; the store knows of the older ones. */
export const MAX_BURNED_ORDERS = 100_000;
/** After how many batches the checksum of events is forgotten that later ones are compared with. */
export const REMEMBERED_EVENT_SUMS = 16;
/** How many batches of the journal are read at a time. */
export const LOADED_BATCHES = 128;
/** How many trades one event carries at most; those of a batch that has more become several. */
export const MAX_EVENT_TRADES = 2000;
/** How often the orders and trades of batches are stored while others are journaled, in milliseconds. */
export const STORE_ROWS_EVERY_MS = 5;
/** How many rows of them wait; nothing is journaled while there are more. */
export const MAX_PENDING_ROWS = 20_000;
/** The bounds of the sizes of batches that are told apart. */
export const BATCH_COMMANDS = [1, 4, 16, 64, 256, 512, 1024, 2048, 4096] as const;
/** How large a chunk of a snapshot is at most, in bytes. */
export const SNAPSHOT_CHUNK_BYTES = 4 * 1024 * 1024;
/** How many snapshots are kept. */
export const KEPT_SNAPSHOTS = 3;
/** The pause between two chunks of a snapshot, in milliseconds. */
export const SNAPSHOT_PAUSE_MS = 5;
/** How long a snapshot waits for the rows of its batch, in milliseconds. */
export const SNAPSHOT_WAIT_MS = 30_000;
/** After how many batches since the last one a writer that ends takes a snapshot. */
export const SNAPSHOT_TAIL_BATCHES = 1000;
/** How long a writer that ends waits for its snapshot, in milliseconds. */
export const SNAPSHOT_STOP_MS = 5000;
/** How many batches are dropped from the journal at a time. */
export const PRUNED_BATCHES = 1000;

// Funds of orders
/** How orders have their funds held: how many in a call, that wait, and calls at a time. */
export const HELD_ORDERS = { perCall: 1000, waiting: 20_000, running: 3 } as const;
/** How holds are freed: how many in a call, that wait in memory, and calls at a time. */
export const FREED_HOLDS = { perCall: 1000, waiting: 50_000, running: 2 } as const;
/** How long a call waits until what it has ended is free, in milliseconds. */
export const RELEASE_WAIT_MS = 1000;
/** The pause between two deletions of releases that were made, in milliseconds. */
export const RELEASED_ROWS_EVERY_MS = 200;
/** How often it is looked for releases that were left over, in milliseconds. */
export const LEFT_RELEASES_EVERY_MS = 2000;
/** How many rows of releases one look reads. */
export const MAX_LEFT_RELEASES = 2000;
/** The first and the longest pause before a refused release is tried again, in milliseconds. */
export const REFUSED_RELEASE_MS = { first: 5000, most: 10 * 60 * 1000 } as const;
/** How many refused releases keep their pauses in memory. */
export const MAX_REFUSED_RELEASES = 10_000;
/** How far before the last batch of the one before orphans are looked for, in milliseconds. */
export const ORPHAN_LOOK_BACK_MS = 10 * 60 * 1000;
/** How often it is looked for orphans, in milliseconds. */
export const ORPHANS_EVERY_MS = 5000;
/** How many pages of holds one look for orphans reads: usually, and when it is far behind. */
export const ORPHAN_PAGES = { usual: 10, behind: 100 } as const;
/** How many holds that calls are at when they are found are kept in mind; then the look waits. */
export const MAX_SUSPECT_HOLDS = 50_000;
/** How often held funds are compared with what orders need, in milliseconds. */
export const COMPARE_FUNDS_EVERY_MS = 10_000;
/** How much one comparison looks at: live orders, calls of the ledger, and balances in each. */
export const COMPARED_FUNDS = { orders: 2000, calls: 5, perCall: 1000 } as const;
/** How long a difference stands before it is told of, in milliseconds: trades are booked by then. */
export const FUNDS_DIFFER_MS = 60_000;
/** How many differences are followed at a time. */
export const MAX_FOLLOWED_DIFFERENCES = 1000;

/** Triggers of one account that may wait for a price at a time. */
export const MAX_ACTIVE_TRIGGERS = 100;

/** Trades of a market that triggers look at in one transaction. */
export const MAX_TRIGGER_TRADES = 5_000;

/** Triggers that fire in one transaction, and orders of theirs that are placed at a time. */
export const MAX_FIRED_TRIGGERS = 200;

/** The pauses of looking for trades that set triggers off: the usual one, and the longest. */
export const TRIGGERS_IDLE_MS = { usual: 20, most: 500 };

// Market data
/** How often those who take changes together are told of them, in milliseconds (FEED-3). */
export const FEED_TICK_MS = 100;
/** After how long without a change a follower of a book gets a sign of life, in milliseconds. */
export const BOOK_SIGN_MS = 1000;
/** How long the changes of a book are kept up that nobody follows any more, in milliseconds. */
export const BOOK_KEPT_MS = 60_000;
/** How many changes of a book are kept for those who come back, and with how many levels. */
export const MAX_BOOK_DELTAS = 1024;
export const MAX_KEPT_LEVELS = 50_000;
/** How many prices of a side a snapshot shows when nobody says, and at most (FEED-3). */
export const BOOK_DEPTH_LEVELS = { usual: 100, most: 5000 } as const;
/** How many changes of a book, or levels of those taken together, wait for a reader (X5). */
export const MAX_WAITING_DELTAS = 1000;
export const MAX_WAITING_LEVELS = 5000;
/** How many trades one message tells at most, and how many wait for a reader (X5). */
export const MAX_TOLD_TRADES = 500;
export const MAX_WAITING_TRADES = 20_000;
/** How many streams of market data a process has, and how many of one network (R3). */
export const MAX_FEED_WATCHERS = { all: 20_000, ofAccount: 5000 } as const;
/** How many trades of a market are folded to candles at a time, and of how many markets. */
export const MAX_FOLDED_TRADES = 10_000;
export const MAX_FOLDED_MARKETS = 100;
/** How soon trades are looked for that no stored candle has, in milliseconds. */
export const CANDLES_IDLE_MS = { usual: 500, most: 2000 } as const;
/** How many candles of each length are kept in memory, the newest of each market (FEED-6). */
export const MAX_LIVE_CANDLES = 120;
/** Of how many markets it is read at a time what their trades come to. */
export const MAX_STATS_READS = 2;
/** How long after its end a candle is called closed, unless a later trade comes, in milliseconds. */
export const CANDLE_SETTLED_MS = 10_000;
/** How many states of candles, or of tickers, wait for a reader before only the latest do (X5). */
export const MAX_WAITING_CANDLES = 20;
export const MAX_WAITING_TICKERS = 10_000;
/** How many subscriptions a WebSocket has at most (R3). */
export const MAX_SUBSCRIPTIONS = 100;
/** How often it is looked whether the token of a WebSocket is still good, in milliseconds. */
export const SOCKET_TOKEN_CHECK_MS = 15_000;
/** How many of the latest trades a WebSocket is told at first. */
export const MAX_LATEST_TRADES = 50;
/** How many notifications wait for a reader (X5). */
export const MAX_WAITING_NOTICES = 1000;

// Orders of callers
/** How many fills an answer shows with its order, and how many the answer of a stream's item. */
export const MAX_SHOWN_FILLS = { ofOrder: 1000, ofItem: 100 } as const;
/** How many orders are read in one statement, and how many wait for one. */
export const MAX_READ_ORDERS = 1000;
export const MAX_WAITING_READS = 20_000;
/** How many replies of changes are looked for, or kept, in one statement, and how many wait. */
export const MAX_KEPT_REPLIES = 500;
export const MAX_WAITING_REPLIES = 20_000;
/** After how long a state that the books have and the row of a market has not is written down. */
export const MARKET_STATE_LAG_MS = 5000;
/** The pause between two looks for such states, in milliseconds. */
export const MARKET_STATES_IDLE_MS = { usual: 1000, most: 2000 } as const;
/** How many batches of a stream of orders are worked on at a time; no more are read meanwhile. */
export const MAX_STREAM_BATCHES = 4;
/** How long a batch of a stream of orders may wait for its turn, in milliseconds. */
export const STREAM_BATCH_MS = 10_000;
/** How many streams of own orders a process has, and how many of an account (R3). */
export const MAX_ORDER_WATCHERS = { all: 10_000, ofAccount: 50 } as const;
/** How many changes of orders wait for a reader before they are taken together, or it is ended (X5). */
export const MAX_WAITING_ORDER_CHANGES = 10_000;
/** How many orders one message of such a stream has at most. */
export const MAX_TOLD_ORDERS = 500;
/** How many orders of an account are looked at together for streams that are gone, and how often. */
export const LOST_SESSION_PAGE = 500;
export const LOST_SESSIONS_EVERY_MS = 60_000;
/** How often the end of a stream is tried that cancels its orders, and the pause between two tries. */
export const SESSION_END = { tries: 3, pauseMs: 300 } as const;
/** How many changes of one order wait that have to be done one at a time (R3). */
export const MAX_WAITING_CHANGES = 100;
/** How long a client's own name for an order may be, in characters, as the contract bounds it. */
export const MAX_CLIENT_ORDER_ID_LENGTH = 64;

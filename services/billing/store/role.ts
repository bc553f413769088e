/** What the service is to its database: migration 0004 says what it may do, and that is not all. */
export const databaseRole = "mizan_billing";

import { UserRegisteredSchema } from "#gen/mizan/core/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { welcomeUser } from "../operations/welcome-user.ts";

/** Listens to who joins, to welcome them. */
export const welcome = consumer(UserRegisteredSchema, "welcome", welcomeUser);

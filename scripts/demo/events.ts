import { setTimeout as delay } from "node:timers/promises";
import {
  type Notification,
  Notification_Type as Type,
} from "#gen/mizan/core/v1/notification_pb.ts";
import type { Actor, Step } from "./stage.ts";

/** What billing did reaches the users' notifications in core by event, a moment later. */
export const notices: Step = {
  title: "What happened reaches the notifications in core, by event",
  async act({ ada, bob }) {
    const adas = await notified(ada, [Type.WELCOME, Type.ACCOUNT_CHARGED, Type.HOLD_CAPTURED]);
    const bobs = await notified(bob, [Type.WELCOME, Type.ACCOUNT_CHARGED, Type.HOLD_RELEASED]);
    return [...adas.map(({ text }) => `Ada: ${text}`), ...bobs.map(({ text }) => `Bob: ${text}`)];
  },
};

/** The notifications of somebody in their order, as soon as one of each kind has arrived. */
async function notified({ name, calls }: Actor, wanted: readonly Type[]): Promise<Notification[]> {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const { notifications } = await calls.notifications.listNotifications({});
    const missing = wanted.filter((type) => !notifications.some((one) => one.type === type));
    if (missing.length === 0) return notifications.toReversed();
    if (performance.now() > endMs) {
      throw new Error(`${name} still has no notification of the types ${missing.join(", ")}.`);
    }
    await delay(100);
  }
}

/** How long an event may be under way before the demo gives up. */
const WAIT_MS = 15_000;

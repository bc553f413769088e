import type { Delivery } from "#mesh/events/bus-pull.ts";
import { fromPointer } from "../events.ts";

/** The tasks of a lane that the broker has pointed us to, and that nobody is at yet. */
export type Pointers = {
  /** Holds a pointer; one that names no task is given up. */
  readonly add: (delivery: Delivery) => void;
  /** Takes up to so many tasks, a subject after the other; none when there are none. */
  readonly take: (mostTasks: number) => readonly Bite[];
  /** How many tasks wait. */
  readonly waiting: () => number;
  /** Tells the broker that all that is held is still held. */
  readonly working: () => void;
  /** Gives what is held back to the broker, for others to take at once. */
  readonly release: () => void;
};

/** Tasks of one pointer. Exactly one of its functions ends it. */
export type Bite = {
  readonly taskIds: readonly string[];
  /** They are done with, but for those that are left: these wait again, before all others. */
  readonly done: (left: readonly string[]) => void;
  /** The broker is to point to them once more, after a while. */
  readonly failed: () => void;
};

type Held = { readonly delivery: Delivery; open: number; hasFailed: boolean };

type Waiting = { readonly held: Held; readonly taskIds: readonly string[] };

/** Makes an empty set of pointers. Whoever adds bounds them (R3). */
export function createPointers(retryMs: number): Pointers {
  const lanes = new Map<string, Waiting[]>();
  const all = new Set<Held>();
  const settle = (held: Held, count: number) => {
    held.open -= count;
    if (held.open > 0 || !all.delete(held)) return;
    if (held.hasFailed) held.delivery.retry(retryMs);
    else held.delivery.ack();
  };
  const add = (delivery: Delivery) => {
    const taskIds = fromPointer(delivery.payload);
    if (taskIds.length === 0) return delivery.giveUp();
    const held = { delivery, open: taskIds.length, hasFailed: false };
    all.add(held);
    append(lanes, delivery.subject, { held, taskIds });
  };
  const toBite = ({ held, taskIds }: Waiting): Bite => ({
    taskIds,
    done: (left) => {
      const own = taskIds.filter((id) => left.includes(id));
      if (own.length > 0) lanes.set(held.delivery.subject, [{ held, taskIds: own }, ...of(held)]);
      settle(held, taskIds.length - own.length);
    },
    failed: () => {
      held.hasFailed = true;
      settle(held, taskIds.length);
    },
  });
  const of = ({ delivery }: Held) => lanes.get(delivery.subject) ?? [];
  const take = (mostTasks: number) => {
    const bites: Bite[] = [];
    for (let left = mostTasks; left > 0;) {
      const next = takeOne(lanes, left);
      if (next === undefined) break;
      bites.push(toBite(next));
      left -= next.taskIds.length;
    }
    return bites;
  };
  return {
    add,
    take,
    waiting: () =>
      lanes
        .values()
        .reduce((sum, lane) => sum + lane.reduce((n, one) => n + one.taskIds.length, 0), 0),
    working: () => {
      for (const { delivery } of all) delivery.working();
    },
    release: () => {
      for (const { delivery } of all) delivery.retry(0);
      all.clear();
      lanes.clear();
    },
  };
}

function append(lanes: Map<string, Waiting[]>, subject: string, waiting: Waiting): void {
  const lane = lanes.get(subject);
  if (lane === undefined) lanes.set(subject, [waiting]);
  else lane.push(waiting);
}

/** Takes from the subject whose turn it is, which goes to the end of the line (LANE-5). */
function takeOne(lanes: Map<string, Waiting[]>, most: number): Waiting | undefined {
  const [first] = lanes;
  if (first === undefined) return undefined;
  const [subject, lane] = first;
  const { held, taskIds } = lane.shift()!;
  const rest = taskIds.slice(most);
  if (rest.length > 0) lane.unshift({ held, taskIds: rest });
  lanes.delete(subject);
  if (lane.length > 0) lanes.set(subject, lane);
  return { held, taskIds: taskIds.slice(0, most) };
}

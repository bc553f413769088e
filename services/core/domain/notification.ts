/** What people are told of. */
export type NotificationType = "WELCOME" | "ACCOUNT_CHARGED" | "HOLD_CAPTURED" | "HOLD_RELEASED";

/** Something that a user is told. */
export type Notification = {
  readonly id: string;
  readonly personId: string;
  readonly type: NotificationType;
  /** The values of its sentence, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
};

/** The notification in a sentence, with its values in it. */
export function textOf({ type, values }: Pick<Notification, "type" | "values">): string {
  return sentences[type].replaceAll(/\{(\w+)\}/g, (hole, name: string) => values[name] ?? hole);
}

const sentences: Readonly<Record<NotificationType, string>> = {
  WELCOME: "Welcome to Mizan.",
  ACCOUNT_CHARGED: "{amount} {asset} were added to your account.",
  HOLD_CAPTURED: "{amount} {asset} of the money held on your account were paid.",
  HOLD_RELEASED: "{amount} {asset} of the money held on your account are free again.",
};

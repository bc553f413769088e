/** The part of split-sms that the tests use. It comes without types. */
declare module "split-sms" {
  export function split(text: string): {
    readonly characterSet: "GSM" | "Unicode";
    readonly parts: readonly { readonly content: string; readonly bytes: number }[];
    /** Septets in GSM, bytes of UTF-16 in Unicode. */
    readonly bytes: number;
    readonly remainingInPart: number;
  };
}

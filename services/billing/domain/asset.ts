/** Something that the ledger counts. */
export type Asset = {
  /** The number of its ledger, from 1. */
  readonly ledger: number;
  /** Its code on the wire, such as "USDT". */
  readonly code: string;
  /** How many decimals an amount has at most. */
  readonly scale: number;
};

/** All that the ledger counts. */
export type Assets = {
  /** In the order of the codes. */
  readonly all: readonly Asset[];
  byCode(code: string): Asset | undefined;
  /** The asset of a ledger that exists. */
  ofLedger(ledger: number): Asset;
};

/** Indexes the assets by code and by ledger. */
export function createAssets(assets: readonly Asset[]): Assets {
  const byCode = new Map(assets.map((asset) => [asset.code, asset]));
  const byLedger = new Map(assets.map((asset) => [asset.ledger, asset]));
  return {
    all: assets.toSorted((one, other) => (one.code < other.code ? -1 : 1)),
    byCode: (code) => byCode.get(code),
    ofLedger: (ledger) => byLedger.get(ledger)!,
  };
}

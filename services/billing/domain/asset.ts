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
  /** The numbers of their ledgers; it grows with the assets. */
  readonly ledgers: ReadonlySet<number>;
  byCode(code: string): Asset | undefined;
  /** The asset of a ledger that exists. */
  ofLedger(ledger: number): Asset;
  /** Takes in what is counted too. An asset never changes, so it may come again. */
  learn(assets: Iterable<Asset>): void;
};

/** Indexes the assets by code and by ledger. */
export function createAssets(assets: Iterable<Asset>): Assets {
  const byCode = new Map<string, Asset>();
  const byLedger = new Map<number, Asset>();
  const ledgers = new Set<number>();
  let all: readonly Asset[] = [];
  const learn = (more: Iterable<Asset>) => {
    for (const asset of more) {
      byCode.set(asset.code, asset);
      byLedger.set(asset.ledger, asset);
      ledgers.add(asset.ledger);
    }
    all = [...byCode.values()].toSorted((one, other) => (one.code < other.code ? -1 : 1));
  };
  learn(assets);
  return {
    get all() {
      return all;
    },
    ledgers,
    byCode: (code) => byCode.get(code),
    ofLedger: (ledger) => byLedger.get(ledger)!,
    learn,
  };
}

/** Whether an asset is money: the lines of credit, whose code has a point, are rights. */
export function isMoney({ code }: Asset): boolean {
  return !code.includes(".");
}

/** The money of a code, as people name it. */
export function findMoney(assets: Assets, code: string): Asset | undefined {
  const asset = assets.byCode(code);
  return asset !== undefined && isMoney(asset) ? asset : undefined;
}

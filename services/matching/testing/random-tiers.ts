/** Tiers of fees that random orders may have; they are numbered from 1. */
export const randomTiers = [
  { maker: { ppm: 0, perLot: 0 }, taker: { ppm: 0, perLot: 0 } },
  { maker: { ppm: 700, perLot: 0 }, taker: { ppm: 1500, perLot: 3 } },
  { maker: { ppm: 2000, perLot: 5 }, taker: { ppm: 100, perLot: 1 } },
] as const;

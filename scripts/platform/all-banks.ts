import { derivedId } from "#mesh/ids.ts";
import type { ReceivedTransfer } from "../../simulators/bank/received.ts";
import type { Change } from "../../simulators/bank/settings.ts";
import { bankControl } from "./bank-control.ts";
import type { DevFile } from "./dev-file.ts";
import { simulatedBanks } from "./services.ts";

/** All simulated banks of a running stack together. */
export type AllBanks = ReturnType<typeof allBanks>;

/** Reaches every simulated bank of a stack. */
export function allBanks(dev: Pick<DevFile, "simulators">) {
  const banks = simulatedBanks.map(({ name }) => ({ name, control: bankControl(dev, name) }));
  const everywhere = async (act: (bank: (typeof banks)[number]["control"]) => Promise<unknown>) =>
    void (await Promise.all(banks.map(async ({ control }) => act(control))));
  return {
    /** Each bank with its name, in the order in which they are tried. */
    banks,
    /** Changes what the scripts of all say of that; the rest stays. */
    change: async (change: Change) => everywhere(async (bank) => bank.change(change)),
    /** Forgets the scripts of all: everything is paid at once again. */
    reset: async () => everywhere(async (bank) => bank.reset()),
    /** What the banks have truly paid for a withdrawal, by the references of its payout. */
    paymentsOf: async (withdrawalId: string): Promise<ReceivedTransfer[]> => {
      const found = banks.map(async ({ name, control }) => {
        const reference = derivedId(`payout/${withdrawalId}/${name}`);
        return (await control.received({ reference })).transfers;
      });
      const transfers = (await Promise.all(found)).flat();
      return transfers.filter(({ status }) => status !== "REJECTED" && status !== "FAILED");
    },
  };
}

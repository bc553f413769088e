import type { DescService } from "@bufbuild/protobuf";
import { commentOf, type Json } from "./json.ts";

/** The name of a service in the document: "billing.WalletService", since names repeat. */
export function tagOf(service: DescService): string {
  return `${packageOf(service)}.${service.name}`;
}

/** The services, with what they are for, and a group for each package. */
export function tagsOf(unordered: readonly DescService[]): Json {
  const services = unordered.toSorted((a, b) => rank(a) - rank(b));
  const tags = services.map((service) => ({
    name: tagOf(service),
    description: commentOf(service),
  }));
  const groups = Object.entries(Object.groupBy(services, packageOf));
  return {
    tags,
    "x-tagGroups": groups.map(([name, group = []]) => ({ name, tags: group.map(tagOf) })),
  };
}

/** People come first, and what only administrators need comes last. */
function rank(service: DescService): number {
  const order = ["core", "billing", "sms", "matching", "settlement"].indexOf(packageOf(service));
  const within = ["UserService", "WalletService"].indexOf(service.name) >= 0 ? 0 : 1;
  return order * 10 + (service.name === "OperationsService" ? 2 : within);
}

function packageOf({ file }: DescService): string {
  return file.proto.package.split(".")[1] ?? "";
}

import type { DescService } from "@bufbuild/protobuf";
import { commentOf, type Json } from "./json.ts";

/** The name of a service in the document: "billing.WalletService", since names repeat. */
export function tagOf(service: DescService): string {
  return `${packageOf(service)}.${service.name}`;
}

/** The services, with what they are for, and a group for each package. */
export function tagsOf(services: readonly DescService[]): Json {
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

function packageOf({ file }: DescService): string {
  return file.proto.package.split(".")[1] ?? "";
}

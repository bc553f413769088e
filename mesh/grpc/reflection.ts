import {
  createRegistry,
  type DescFile,
  type DescService,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type Interceptor, type ServiceImpl } from "@connectrpc/connect";
import type { Server } from "@grpc/grpc-js";
import {
  type ServerReflectionRequest,
  ServerReflection,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { file_mizan_error_v1_error } from "#gen/mizan/error/v1/error_pb.ts";
import { addService } from "./serve.ts";

/** Tells what a server serves, by the reflection protocol of gRPC, in its new and its old name. */
export function addReflection(
  server: Server,
  services: readonly DescService[],
  interceptors: readonly Interceptor[],
): void {
  const implementation = reflect(services);
  addService(server, ServerReflection, implementation, interceptors);
  addService(server, renamed(ServerReflection, old), implementation, interceptors);
}

const old = "grpc.reflection.v1alpha.ServerReflection";

/** The same service under another name: the messages are the same on the wire. */
function renamed<S extends DescService>(service: S, typeName: string): S {
  const copy = { ...service, typeName };
  const methods = service.methods.map((method) => ({ ...method, parent: copy }));
  const method = Object.fromEntries(methods.map((one) => [one.localName, one]));
  return Object.assign(copy, { methods, method });
}

function reflect(services: readonly DescService[]): ServiceImpl<typeof ServerReflection> {
  const files = new Map<string, DescFile>();
  for (const { file } of services) collect(file, files);
  collect(file_mizan_error_v1_error, files); // the detail of every error
  const registry = createRegistry(...files.values());
  const find = (ask: ServerReflectionRequest["messageRequest"]) =>
    answerTo(ask, { services, files, registry });
  return {
    async *serverReflectionInfo(requests) {
      for await (const originalRequest of requests) {
        const messageResponse = find(originalRequest.messageRequest) ?? missing;
        yield { validHost: originalRequest.host, originalRequest, messageResponse };
      }
    },
  };
}

type Known = {
  readonly services: readonly DescService[];
  readonly files: ReadonlyMap<string, DescFile>;
  readonly registry: Registry;
};

function answerTo(
  ask: ServerReflectionRequest["messageRequest"],
  { services, files, registry }: Known,
) {
  switch (ask.case) {
    case "listServices": {
      const service = services.map(({ typeName: name }) => ({ name }));
      return { case: "listServicesResponse" as const, value: { service } };
    }
    case "fileByFilename":
      return fileResponse(files.get(ask.value.replace(/\.proto$/, "")));
    case "fileContainingSymbol":
      return fileResponse(fileOf(registry, ask.value));
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = ask.value;
      const all = extensionsOf(registry, containingType);
      return fileResponse(all.find(({ number }) => number === extensionNumber)?.file);
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = extensionsOf(registry, ask.value).map(({ number }) => number);
      const value = { baseTypeName: ask.value, extensionNumber };
      return { case: "allExtensionNumbersResponse" as const, value };
    }
    default:
      return undefined;
  }
}

const missing = {
  case: "errorResponse" as const,
  value: { errorCode: Code.NotFound, errorMessage: "not found" },
};

function fileResponse(file: DescFile | undefined) {
  if (file === undefined) return undefined;
  const files = new Map<string, DescFile>();
  collect(file, files);
  const fileDescriptorProto = [...files.values()].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
}

/** The file of a symbol; a method, a field or a value is in the file of what it belongs to. */
function fileOf(registry: Registry, symbol: string): DescFile | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
  return (registry.get(symbol) ?? registry.get(parent))?.file;
}

function extensionsOf(registry: Registry, typeName: string) {
  return [...registry].filter(
    (one) => one.kind === "extension" && one.extendee.typeName === typeName,
  ) as {
    number: number;
    file: DescFile;
  }[];
}

/** Adds a file after all that it imports, as readers need them. */
function collect(file: DescFile, into: Map<string, DescFile>): void {
  if (into.has(file.name)) return;
  for (const dependency of file.dependencies) collect(dependency, into);
  into.set(file.name, file);
}

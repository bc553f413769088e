// A Buf plugin that describes the public face of the contract, Connect's HTTP/JSON, in OpenAPI 3.1.
// Every method passes here, so this is also where a method that lacks a rule stops the build.
import { createEcmaScriptPlugin, runNodeJs } from "@bufbuild/protoplugin";
import { documentOf } from "./openapi/document.ts";
import { ruledMethods } from "./openapi/ruled-methods.ts";

runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-openapi",
    version: "v1",
    generateTs(schema) {
      const file = schema.generateFile("openapi.json");
      file.print(JSON.stringify(documentOf(schema, ruledMethods(schema)), null, 2));
    },
  }),
);

import { decoder } from "./decode.js";
import type { Schema } from "./decode.js";
import { encoder } from "./encode.js";

// https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto

const failures: Schema = { property: [1, "string"], reason: [2, "string"] };
const check: [Schema, Schema] = [
  {
    urn: [1, "string"],
    olds: [2, "struct"],
    news: [3, "struct"],
    name: [6, "string"],
    type: [7, "string"],
  },
  { inputs: [1, "struct"], failures: [2, { messages: failures }] },
];
const diff: [Schema, Schema] = [
  {
    id: [1, "string"],
    urn: [2, "string"],
    oldState: [3, "struct"],
    news: [4, "struct"],
    ignoreChanges: [5, "strings"],
    oldInputs: [6, "struct"],
    name: [7, "string"],
    type: [8, "string"],
  },
  {
    replaces: [1, "strings"],
    deleteBeforeReplace: [3, "bool"],
    changes: [4, "int"],
    diffs: [5, "strings"],
    detailedDiff: [6, { map: { kind: [1, "int"], inputDiff: [2, "bool"] } }],
    hasDetailedDiff: [7, "bool"],
  },
];

/** By method: the fields of its request and of its response that the plugins use. */
const methods: Record<string, [Schema, Schema]> = {
  Handshake: [{ engineAddress: [1, "string"] }, {}],
  Attach: [{ address: [1, "string"] }, {}],
  GetPluginInfo: [{}, { version: [1, "string"] }],
  GetSchema: [{}, { schema: [1, "string"] }],
  Cancel: [{}, {}],
  Configure: [{ args: [2, "struct"] }, { supportsPreview: [2, "bool"] }],
  CheckConfig: check,
  Check: check,
  Diff: diff,
  Create: [
    {
      urn: [1, "string"],
      inputs: [2, "struct"],
      timeoutSeconds: [3, "double"],
      preview: [4, "bool"],
      name: [5, "string"],
      type: [6, "string"],
    },
    { id: [1, "string"], state: [2, "struct"] },
  ],
  Read: [
    {
      id: [1, "string"],
      urn: [2, "string"],
      state: [3, "struct"],
      inputs: [4, "struct"],
      type: [6, "string"],
    },
    { id: [1, "string"], state: [2, "struct"], inputs: [3, "struct"] },
  ],
  Update: [
    {
      id: [1, "string"],
      urn: [2, "string"],
      oldState: [3, "struct"],
      news: [4, "struct"],
      timeoutSeconds: [5, "double"],
      ignoreChanges: [6, "strings"],
      preview: [7, "bool"],
      oldInputs: [8, "struct"],
      type: [10, "string"],
    },
    { state: [1, "struct"] },
  ],
  Delete: [
    {
      id: [1, "string"],
      urn: [2, "string"],
      state: [3, "struct"],
      timeoutSeconds: [4, "double"],
      inputs: [5, "struct"],
      type: [7, "string"],
    },
    {},
  ],
  Invoke: [
    { token: [1, "string"], args: [2, "struct"], preview: [7, "bool"] },
    { result: [1, "struct"], failures: [2, { messages: failures }] },
  ],
};

/** The service definition for gRPC. Other methods return UNIMPLEMENTED. */
export const service = Object.fromEntries(
  Object.entries(methods).map(([name, [request, response]]) => [
    name,
    {
      path: `/pulumirpc.ResourceProvider/${name}`,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: encoder(request),
      requestDeserialize: decoder(request),
      responseSerialize: encoder(response),
      responseDeserialize: decoder(response),
    },
  ]),
);

/** The log method of the engine's service. */
export const engineLog = {
  path: "/pulumirpc.Engine/Log",
  encode: encoder({
    severity: [1, "int"],
    message: [2, "string"],
    urn: [3, "string"],
    ephemeral: [5, "bool"],
  }),
};

/** The error detail for a resource that exists but is not ready. */
export const encodeInitFailed = encoder({
  id: [1, "string"],
  state: [2, "struct"],
  reasons: [3, "strings"],
  inputs: [4, "struct"],
});

/** google.rpc.Status, which holds an error's details in the trailers. */
export const encodeStatus = encoder({
  code: [1, "int"],
  message: [2, "string"],
  details: [3, { messages: { type_url: [1, "string"], value: [2, "bytes"] } }],
});

import { expect, test } from "@jest/globals";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import providers from "@pulumi/pulumi/proto/provider_pb.js";

import { decoder } from "../../../emulator/plugins/decode.js";
import { encoder } from "../../../emulator/plugins/encode.js";
import { encodeInitFailed, service } from "../../../emulator/plugins/protocol.js";
import { unknown } from "../../../emulator/plugins/values.js";

const properties = {
  text: "Grüße, 世界 🌍",
  empty: "",
  numbers: [0, -1, 1.5, 9007199254740991, 1e300],
  flags: { on: true, off: false, nothing: null },
  deep: { list: [[], {}, [{ a: "x".repeat(70_000) }]] },
};

test("a Struct is encoded and decoded as by google-protobuf", () => {
  const ours = encoder({ it: [1, "struct"] })({ it: properties });
  const message = providers.UpdateResponse.deserializeBinary(ours);
  expect(message.getProperties()?.toJavaScript()).toEqual(properties);

  const theirs = new providers.UpdateResponse();
  theirs.setProperties(structs.Struct.fromJavaScript(properties as never));
  const bytes = Buffer.from(theirs.serializeBinary());
  expect(decoder({ it: [1, "struct"] })(bytes)).toEqual({ it: properties });
});

test("every field of a request is decoded, and unknown fields are skipped", () => {
  const request = new providers.UpdateRequest();
  request.setUrn("urn:x").setId("a/b").setType("kubernetes:core/v1:Service").setName("n");
  request.setPreview(true).setTimeout(12.5).setIgnorechangesList(["a", "b"]);
  request.setNews(structs.Struct.fromJavaScript({ a: 1 }));
  const decode = service["Update"]!.requestDeserialize;
  expect(decode(Buffer.from(request.serializeBinary()))).toEqual({
    urn: "urn:x",
    id: "a/b",
    type: "kubernetes:core/v1:Service",
    preview: true,
    timeoutSeconds: 12.5,
    ignoreChanges: ["a", "b"],
    news: { a: 1 },
    oldInputs: {},
    oldState: {},
  });
});

test("every field of a response is encoded", () => {
  const bytes = service["Diff"]!.responseSerialize({
    changes: 2,
    replaces: ["spec"],
    deleteBeforeReplace: true,
    diffs: ["spec", "metadata"],
    detailedDiff: { "spec.a": { kind: 5, inputDiff: true } },
    hasDetailedDiff: true,
  });
  const response = providers.DiffResponse.deserializeBinary(bytes);
  expect(response.getChanges()).toBe(2);
  expect(response.getReplacesList()).toEqual(["spec"]);
  expect(response.getDiffsList()).toEqual(["spec", "metadata"]);
  expect(response.getDeletebeforereplace()).toBe(true);
  expect(response.getHasdetaileddiff()).toBe(true);
  expect(response.getDetaileddiffMap().get("spec.a")?.toObject()).toEqual({
    kind: 5,
    inputdiff: true,
  });
});

test("the reasons and inputs of a resource that is not ready are encoded", () => {
  const bytes = encodeInitFailed({ id: "a", state: { s: 1 }, reasons: ["x", "y"], inputs: {} });
  const detail = providers.ErrorResourceInitFailed.deserializeBinary(bytes);
  expect(detail.getId()).toBe("a");
  expect(detail.getReasonsList()).toEqual(["x", "y"]);
  expect(detail.getProperties()?.toJavaScript()).toEqual({ s: 1 });
  expect(detail.getInputs()?.toJavaScript()).toEqual({});
});

test("secrets arrive unwrapped; unknown values stay unknown in both directions", () => {
  const signature = "4dabf18193072939515e22adb298388d";
  const wrapped = { [signature]: "1b47061264138c4ac30d75fd1eb44270", value: { password: "p" } };
  const sentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const sent = { it: { a: wrapped, b: [sentinel] } };
  const schema = { it: [1, "struct"] } as const;
  const bytes = encoder(schema)(sent);
  const received = decoder(schema)(bytes);
  expect(received).toEqual({ it: { a: { password: "p" }, b: [unknown] } });

  const back = encoder(schema)({ it: { b: [unknown] } });
  expect(providers.UpdateResponse.deserializeBinary(back).getProperties()?.toJavaScript()).toEqual({
    b: [sentinel],
  });
});

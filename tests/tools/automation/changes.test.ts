import { describe, expect, test } from "@jest/globals";
import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";

import { changeIn, withUnknowns } from "../../../tools/automation/changes.js";

const marker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** An event of the engine about one resource. */
const metadata = (more: object): StepEventMetadata =>
  ({
    op: "update",
    urn: "urn:pulumi:s::p::kubernetes:networking.istio.io/v1:VirtualService::reviews",
    type: "kubernetes:networking.istio.io/v1:VirtualService",
    ...more,
  }) as unknown as StepEventMetadata;
const state = (inputs: object, outputs: object = inputs) => ({ inputs, outputs });

describe("the change that an event reports", () => {
  test("has the fields that the provider names, with their values", () => {
    const before = { spec: { http: [{ weight: 90 }] }, metadata: { labels: { "a.b/c": "x" } } };
    const after = { spec: { http: [{ weight: 50 }] }, metadata: { labels: {} } };
    const detailedDiff = {
      "spec.http[0].weight": { diffKind: "update", inputDiff: true },
      'metadata.labels["a.b/c"]': { diffKind: "delete", inputDiff: true },
    };
    const change = changeIn(metadata({ old: state(before), new: state(after), detailedDiff }));
    expect(change).toEqual({
      change: "update",
      name: "reviews",
      kind: "VirtualService",
      fields: [
        { path: "spec.http[0].weight", before: 90, after: 50 },
        { path: 'metadata.labels["a.b/c"]', before: "x", after: undefined },
      ],
    });
  });

  test("has the outputs where the inputs are the same", () => {
    const old = state({ version: "v1" }, { version: "v1", image: "a" });
    const now = state({ version: "v1" }, { version: "v1", image: "b" });
    const detailedDiff = { image: { diffKind: "update", inputDiff: false } };
    expect(changeIn(metadata({ old, new: now, detailedDiff }))?.fields).toEqual([
      { path: "image", before: "a", after: "b" },
    ]);
  });

  test("has the differing inputs where the provider names no field", () => {
    const old = state({ create: "a", list: [1, 2], same: { x: 1 } });
    const now = state({ create: marker, list: [1, 3], same: { x: 1 }, more: true });
    expect(changeIn(metadata({ old, new: now }))?.fields).toEqual([
      { path: "create", before: "a", after: null },
      { path: "list[1]", before: 2, after: 3 },
      { path: "more", before: undefined, after: true },
    ]);
  });

  test("has no fields where the resource is created or deleted", () => {
    const created = changeIn(metadata({ op: "create", new: state({ a: 1 }) }));
    expect(created).toMatchObject({ change: "create", fields: [] });
  });

  test.each([
    { op: "same" },
    { op: "replace" },
    { op: "create", urn: "urn:pulumi:s::p::pulumi:providers:kubernetes::default_4_34_2" },
  ])("is none of %j", (more) => expect(changeIn(metadata(more))).toBeUndefined());
});

test("a value that only an up tells is null", () => {
  expect([marker, `http://${marker}/`, "known", 4].map(withUnknowns)).toEqual([
    null,
    null,
    "known",
    4,
  ]);
});

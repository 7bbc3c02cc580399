import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import { fileConfig, fileEnvironments, shortName } from "../../tools/stacks/stack-config.js";

const folder = mkdtempSync(join(tmpdir(), "stacks-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(text: string): string {
  const path = join(folder, "Pulumi.dev.yaml");
  writeFileSync(path, text);
  return path;
}

describe("a stack's file", () => {
  test("is read with the keys that the engine makes of it", () => {
    const config = fileConfig(
      file("config: { stage: l4, oke-ambient-mesh:config:verify: false, oci:region: fra }"),
    );
    expect(config).toEqual({
      "oke-ambient-mesh:stage": "l4",
      "oke-ambient-mesh:verify": false,
      "oci:region": "fra",
    });
  });

  test("has the values that the engine's parser reads: merged keys, octal and grouped numbers", () => {
    const config = fileConfig(
      file(
        [
          "shared: &shared { ocpus: 4, count: 010 }",
          "stages: &stages { oke-ambient-mesh:stage: l4 }",
          "config:",
          "  <<: *stages",
          "  oke-ambient-mesh:load: 0o10",
          "  oke-ambient-mesh:verify: yes",
          "  oke-ambient-mesh:nodes: { <<: *shared, bootVolumeGb: 0x40, memoryGb: 1_6 }",
        ].join("\n"),
      ),
    );
    expect(config).toEqual({
      "oke-ambient-mesh:stage": "l4",
      "oke-ambient-mesh:load": 8,
      "oke-ambient-mesh:verify": "yes",
      "oke-ambient-mesh:nodes": { ocpus: 4, count: 8, bootVolumeGb: 64, memoryGb: 16 },
    });
  });

  test.each([
    ["- a", "expected a mapping with the key config"],
    ["config: [a]", "config is not a mapping"],
    ["config: text", "config is not a mapping"],
    ["config: { a: 1, a: 2 }", "Map keys must be unique"],
  ])("of %j is refused, as by the engine", (text, message) => {
    expect(() => fileConfig(file(text))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/Pulumi\.dev\.yaml is not a valid stack file: /),
      }),
    );
    expect(() => fileConfig(file(text))).toThrow(message);
  });

  test.each([
    ["environment: [shared, { acme/prod: { merge: false } }]", ["shared", "acme/prod"]],
    ["environment: { imports: [shared], values: { a: 1 } }", ["shared", "(inline)"]],
    ["config: {}", []],
    ["", []],
  ])("of %j imports %j", (text, environments) => {
    expect(fileEnvironments(file(text))).toEqual(environments);
  });
});

test.each(["dev", "acme/dev", "acme/oke-ambient-mesh/dev"])("%s is stack dev", (name) => {
  expect(shortName(name)).toBe("dev");
});

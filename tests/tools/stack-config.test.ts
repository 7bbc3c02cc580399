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

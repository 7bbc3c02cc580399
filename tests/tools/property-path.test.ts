import { describe, expect, test } from "@jest/globals";

import { UsageError } from "../../tools/command-line/errors.js";
import { parsePair, parsePath, renderPath } from "../../tools/stacks/property-path.js";

describe("a property path", () => {
  // Examples of https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/properties_path.go
  test.each<[string, (string | number)[]]>([
    ["root", ["root"]],
    ["network.apiAllowedCidrs[0]", ["network", "apiAllowedCidrs", 0]],
    ['root["nested"].deep', ["root", "nested", "deep"]],
    ["root.array[0][1].nested", ["root", "array", 0, 1, "nested"]],
    ['root["a \\"quoted\\" key"]', ["root", 'a "quoted" key']],
    ['["root key with a ."][100]', ["root key with a .", 100]],
    [
      'mesh.helmValues.istiod.podAnnotations["prometheus.io/scrape"]',
      ["mesh", "helmValues", "istiod", "podAnnotations", "prometheus.io/scrape"],
    ],
  ])("%s is read as Pulumi reads it, and written again", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(parsePath(renderPath(path))).toEqual(path);
  });

  test.each([".a", "a.", "a..b", "a.[0]", "a[x]", "a[0", 'a["b', 'a["b"', "[0]", ""])(
    "%j is refused",
    (text) => {
      expect(() => parsePath(text)).toThrow(UsageError);
      expect(() => parsePath(text)).toThrow("is not a property path");
    },
  );
});

describe("a pair", () => {
  test.each<[string, (string | number)[], unknown]>([
    ["nodes.ocpus=4", ["nodes", "ocpus"], 4],
    ["nodes.os=8.10", ["nodes", "os"], "8.10"],
    ["kubernetesVersion=0123", ["kubernetesVersion"], "0123"],
    ["oke-ambient-mesh:verify=false", ["verify"], false],
    ["oci:region=fra", ["oci:region"], "fra"],
    ['mesh.helmValues.istiod["a=b"]=c=d', ["mesh", "helmValues", "istiod", "a=b"], "c=d"],
    ['network={"apiOpenToAll":true}', ["network"], { apiOpenToAll: true }],
    ["existing.context=", ["existing", "context"], ""],
  ])("%s", (pair, path, value) => {
    expect(parsePair(pair)).toEqual([path, value]);
  });

  test.each(["nodes.ocpus", "=4"])("%s is refused", (pair) => {
    expect(() => parsePair(pair)).toThrow("expected <path>=<value>");
  });
});

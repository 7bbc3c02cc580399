import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, expect, test } from "@jest/globals";

import { root } from "../../../tools/paths.js";
import { targetOf } from "../../../tools/verify/target.js";

// No backend has the stack, so its file is read: Pulumi.local.yaml, for a kind cluster.
test.each(["local", "acme/local", "acme/oke-ambient-mesh/local"])(
  "--stack %s verifies stack local, with the settings of its file, and is named so",
  async (stack) => {
    const target = await targetOf({ stack });
    expect(target).toMatchObject({ title: `stack ${stack}`, stack: "local" });
    expect(target.settings.cluster).toBe("existing");
  },
);

// A sandbox's name: no plan looks for its file.
const stack = `sandbox-unit-oci-${process.pid}`;
const file = join(root, `Pulumi.${stack}.yaml`);
afterAll(() => rmSync(file, { force: true }));
const write = (config: object) => writeFileSync(file, JSON.stringify({ config }));
const oke = {
  "oke-ambient-mesh:compartmentId": "ocid1.compartment.oc1..a",
  "oke-ambient-mesh:network": { apiAllowedCidrs: ["203.0.113.7/32"] },
};
const encrypted = { "oci:region": { secure: "v1:abc" } };

test("an encrypted setting of OCI's identity is refused, which would be another tenancy or region", async () => {
  write({ ...oke, ...encrypted });
  await expect(targetOf({ stack })).rejects.toThrow(
    /^oci:region is encrypted and can't be opened: set PULUMI_CONFIG_PASSPHRASE/,
  );
  write({ ...oke, "oci:region": "eu-frankfurt-1" });
  expect((await targetOf({ stack })).oci).toEqual({ TF_VAR_region: "eu-frankfurt-1" });
});

test("settings of OCI's identity don't matter to an existing cluster", async () => {
  write({ "oke-ambient-mesh:cluster": "existing", ...encrypted });
  expect((await targetOf({ stack })).oci).toEqual({});
});

import { expect, test } from "@jest/globals";

import { invoke } from "../../../emulator/plugins/oci/functions.js";
import { Client } from "../../../emulator/plugins/oci/client.js";
import { clientEnvironment } from "../../../emulator/oci/tenancy/environment.js";
import { availabilityDomains, compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { endpoint, gone, key, made, pool, work } from "./tenancy.js";

const token = "oci:Limits/getResourceAvailability:getResourceAvailability";
async function available(serviceName: string, limitName: string, availabilityDomain?: string) {
  const environment = clientEnvironment(endpoint.url, key);
  const client = new Client(
    (name) => environment[`TF_VAR_${name}`] ?? environment[name.toUpperCase()],
  );
  const args = {
    compartmentId,
    serviceName,
    limitName,
    ...(availabilityDomain && { availabilityDomain }),
  };
  return (await invoke(client, token, args))["available"];
}

test("what is left of a limit is what the tenancy's resources do not use, as a text", async () => {
  const all = async () => ({
    vcns: await available("vcn", "vcn-count"),
    clusters: await available("container-engine", "cluster-count"),
    ...Object.fromEntries(
      await Promise.all(
        ["standard-e4-core-count", "standard-e4-memory-count"].map(async (limit) => [
          limit,
          await Promise.all(
            availabilityDomains.map((domain) => available("compute", limit, domain)),
          ),
        ]),
      ),
    ),
  });
  const unused = { vcns: "49", clusters: "50" };
  const perDomain =
    (...core: string[]) =>
    (...memory: string[]) => ({
      "standard-e4-core-count": core,
      "standard-e4-memory-count": memory,
    });
  expect(await all()).toEqual({ ...unused, ...perDomain("50", "50", "50")("50", "50", "50") });
  const clusterId = await made();
  await work("POST", "/nodePools", { ...pool, clusterId });
  expect(await all()).toEqual({
    ...{ vcns: "49", clusters: "49" },
    ...perDomain("48", "48", "50")("34", "34", "50"),
  });
  await gone(clusterId);
  expect(await all()).toEqual({ ...unused, ...perDomain("50", "50", "50")("50", "50", "50") });
});

test("a domain is required by a domain's limit, and refused by a region's", async () => {
  await expect(available("compute", "standard-e4-core-count")).rejects.toThrow(
    /^400-InvalidParameter,[^]*Operation Name: GetResourceAvailability/,
  );
  await expect(available("vcn", "vcn-count", availabilityDomains[0])).rejects.toThrow(
    /^400-InvalidParameter/,
  );
});

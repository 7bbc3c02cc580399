import { expect, test } from "@jest/globals";

import { pinnedBundles } from "../../../components/mesh/gateway-api-pins.js";
import { buildPlans } from "../../../tools/plan/build.js";
import { listed } from "../../../tools/plan/plan.js";
import type { Listed } from "../../../tools/plan/plan.js";
import { compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { cacheDir } from "../../../tools/paths.js";
import { ensureTools } from "../../../emulator/toolchain/index.js";
import { tenancyOfFile } from "../oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

/** The resources that the engine's preview creates. */
async function previewed(): Promise<Listed[]> {
  const found: Listed[] = [];
  const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
  await tenancy().stack.preview({
    onEvent: ({ resourcePreEvent }) => {
      const { op, urn, type, new: state } = resourcePreEvent?.metadata ?? {};
      if (op !== "create" || !urn || !type || type === "pulumi:pulumi:Stack") return;
      // The engine adds a default provider for each package without one.
      if (nameOf(urn).startsWith("default_")) return;
      const parent = state?.parent && nameOf(state.parent);
      const isStack = state?.parent?.includes("::pulumi:pulumi:Stack::");
      found.push({ name: nameOf(urn), type, ...(parent && !isStack && { parent }) });
    },
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

test(
  "the preview of a new stack has the plan's resources with names, types and parents",
  async () => {
    const { gatewayApi } = await ensureTools({ cacheDir });
    const config = {
      compartmentId,
      network: { apiAllowedCidrs: ["203.0.113.7/32"] },
      stage: "traffic",
      verify: true,
      mesh: { gatewayApi: `${gatewayApi}#sha256=${pinnedBundles["v1.6.0"]?.digest}` },
    };
    tenancy().configure(config);
    const resources = await previewed();
    const { plan } = await buildPlans({
      stack: "dev",
      config: { ...config, mesh: { gatewayApi: "v1.6.0" } },
      secretKeys: [],
      names: {},
    });
    expect(resources.length).toBeGreaterThan(70);
    expect(resources).toEqual(listed(plan));
  },
  10 * minutes,
);

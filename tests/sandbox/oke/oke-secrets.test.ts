import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { changeOffers, imageId, offers } from "../../../emulator/oci/clusters/offers.js";
import { compartmentId } from "../../../emulator/oci/tenancy/identity.js";
import { leaksIn } from "../leaks.js";
import { ol8, run, tenancyOfFile } from "../oke.js";

const minutes = 60_000;
const tenancy = tenancyOfFile();

const shape = "VM.Standard.Planted.Flex";
/** Every setting of the OKE half that may be secret, with a value that nothing else has. */
const planted: Record<string, string> = {
  compartmentId,
  "network.vcnCidr": "10.77.0.0/16",
  "network.apiAllowedCidrs[0]": "198.51.100.77/32",
  "nodes.shape": shape,
  "nodes.imageId": imageId(ol8("1.35.2")),
};

test(
  "every setting of a cluster that is set as a secret is encrypted in state and history",
  async () => {
    const { store, stack } = tenancy();
    changeOffers(store, { shapes: [...offers(store).shapes, shape] });
    tenancy().configure({ compartmentId: undefined, network: {}, nodes: { os: "8.10" } });
    for (const [key, value] of Object.entries(planted)) {
      await stack.setConfig(`oke-ambient-mesh:${key}`, { value, secret: true }, true);
    }
    const said: string[] = [];
    for (const operation of ["preview", "up", "refresh", "up"] as const) {
      const outcome = await run((options) =>
        stack[operation]({ ...options, onOutput: (text) => said.push(text), diff: true }),
      );
      expect([operation, outcome.error]).toEqual([operation, undefined]);
      said.push(outcome.said);
    }
    expect(tenancy().item("nodepool")).toMatchObject({ nodeShape: shape });
    // With the subnets' ranges and the workers' addresses.
    const texts = { ...planted, "network.vcnCidr": "10.77." };
    expect(leaksIn(join(tenancy().folder, "state"), "dev", texts)).toEqual([]);
    const printed = said.join("\n");
    const shown = Object.entries(texts).filter(([, text]) => printed.includes(text));
    expect(shown.map(([key]) => key)).toEqual([]);
  },
  10 * minutes,
);

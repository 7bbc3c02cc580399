import { describe, expect, test } from "@jest/globals";

import { diffInputs, projected } from "../../../emulator/plugins/oci/diff.js";
import { fromApi, listEntry, toApi } from "../../../emulator/plugins/oci/mapping.js";
import { serviceError, workRequestError } from "../../../emulator/plugins/oci/messages.js";
import { resourceTypes } from "../../../emulator/plugins/oci/types.js";
import { unknown } from "../../../emulator/plugins/values.js";

describe("the provider's words and the API's", () => {
  const inputs = {
    enabled: true,
    freeformTags: { enabled: "a key of a person's own" },
    ingressSecurityRules: [
      {
        stateless: false,
        tcpOptions: { min: 80, max: 81, sourcePortRange: { min: 1, max: 2 } },
      },
      { stateless: true, udpOptions: { sourcePortRange: { min: 1, max: 2 } } },
    ],
    nodeShapeConfig: { ocpus: 2, memoryInGbs: 16 },
    nodeSourceDetails: { bootVolumeSizeInGbs: "50" },
  };

  test("are changed on the way in", () => {
    expect(toApi(inputs)).toEqual({
      isEnabled: true,
      freeformTags: { enabled: "a key of a person's own" },
      ingressSecurityRules: [
        {
          isStateless: false,
          tcpOptions: {
            destinationPortRange: { min: 80, max: 81 },
            sourcePortRange: { min: 1, max: 2 },
          },
        },
        { isStateless: true, udpOptions: { sourcePortRange: { min: 1, max: 2 } } },
      ],
      nodeShapeConfig: { ocpus: 2, memoryInGBs: 16 },
      nodeSourceDetails: { bootVolumeSizeInGBs: 50 },
    });
  });

  test("and back on the way out", () => {
    expect(fromApi(toApi(inputs))).toEqual(inputs);
  });

  test("objects are lists of one where the provider has it so", () => {
    expect(fromApi({ endpoints: { publicEndpoint: "a" }, metadata: {} })).toEqual({
      endpoints: [{ publicEndpoint: "a" }],
      metadatas: [{}],
    });
    expect(
      listEntry({ lifecycleState: "ACTIVE", endpointConfig: { nsgIds: [] }, freeformTags: {} }),
    ).toEqual({ state: "ACTIVE", endpointConfigs: [{ nsgIds: [] }], freeformTags: {} });
  });
});

describe("what changes", () => {
  const forceNew = resourceTypes["oci:ContainerEngine/cluster:Cluster"]?.forceNew ?? [];

  test("is named leaf by leaf; what is absent and what is empty are the same", () => {
    expect(
      diffInputs(
        { name: "a", list: [{ x: 1 }, { x: 2 }], empty: [] },
        { name: "b", list: [{ x: 1 }, { x: 3 }, { x: 4 }], more: {} },
        [],
      ),
    ).toEqual({ name: "update", "list[1].x": "update", "list[2]": "add" });
  });

  test("replaces where OCI can't change it in place, whole objects included", () => {
    const olds = { options: { serviceLbSubnetIds: ["a"] }, endpointConfig: { subnetId: "s" } };
    expect(diffInputs(olds, { ...olds, options: { serviceLbSubnetIds: ["b"] } }, forceNew)).toEqual(
      { "options.serviceLbSubnetIds[0]": "update-replace" },
    );
    expect(
      diffInputs({ kubernetesVersion: "v1.34.2" }, { kubernetesVersion: "v1.35.2" }, forceNew),
    ).toEqual({ kubernetesVersion: "update" });
  });

  test("is a change in place of a VCN's ranges, as with the provider", () => {
    const [olds, news] = [{ cidrBlocks: ["10.0.0.0/16"] }, { cidrBlocks: ["10.1.0.0/16"] }];
    const ofVcn = resourceTypes["oci:Core/vcn:Vcn"]?.forceNew ?? [];
    expect(diffInputs(olds, news, ofVcn)).toEqual({ "cidrBlocks[0]": "update" });
  });

  test("is nothing where a property that OCI has a value for is no longer given", () => {
    const olds = { endpointConfig: { subnetId: "s" }, freeformTags: { a: "1", b: "2" } };
    expect(diffInputs(olds, {}, forceNew)).toEqual({});
    expect(diffInputs(olds, { freeformTags: { a: "1" } }, forceNew)).toEqual({
      "freeformTags.b": "delete",
    });
    expect(diffInputs({ routeRules: [{ destination: "0.0.0.0/0" }] }, {}, [])).toEqual({
      routeRules: "delete",
    });
  });

  test("is taken for a change where it is not known yet", () => {
    expect(diffInputs({ vcnId: "a" }, { vcnId: unknown }, ["vcnId"])).toEqual({
      vcnId: "update-replace",
    });
  });
});

describe("what is live, seen through the inputs", () => {
  test("leaves out what OCI filled in, and shows what somebody changed", () => {
    const inputs = { displayName: "a", freeformTags: { a: "1" }, options: { subnets: ["s"] } };
    const live = { ...inputs, options: { subnets: ["s"], addOns: {} }, timeCreated: "now" };
    expect(projected(live, inputs)).toEqual(inputs);
    const changed = { ...live, displayName: "b", freeformTags: { a: "1", b: "2" } };
    expect(projected(changed, inputs)).toEqual({
      ...inputs,
      displayName: "b",
      freeformTags: { a: "1", b: "2" },
    });
  });

  test("does not mind the order in a set, but what was added or taken away", () => {
    const inputs = { rules: [{ port: 1 }, { port: 2 }] };
    const live = [
      { port: 2, description: "" },
      { port: 1, description: "" },
    ];
    expect(projected({ rules: live.slice(0, 1) }, inputs)).toEqual({ rules: [{ port: 2 }] });
    expect(projected({ rules: [...live, { port: 3, description: "" }] }, inputs)).toEqual({
      rules: [{ port: 1 }, { port: 2 }, { port: 3 }],
    });
  });
});

describe("refusals", () => {
  const about = { service: "Core Subnet", operation: "Subnet" };

  test("are in the provider's words", () => {
    const reply = {
      status: 409,
      body: { code: "Conflict", message: "The Subnet references the VNIC" },
      text: "",
      requestId: "ABC",
    };
    expect(serviceError(about, "Delete", "DELETE /20160918/subnets/x", reply).message).toMatch(
      /^409-Conflict, The Subnet references the VNIC\nSuggestion: .*\nRequest Target: DELETE \/20160918\/subnets\/x\nService: Core Subnet\nOperation Name: DeleteSubnet\nOPC request ID: ABC$/,
    );
  });

  test("of accepted work name the work, and why", () => {
    const work = { workRequestId: "w", entity: "nodepool", action: "CREATED", id: "n" };
    expect(workRequestError(about, work, ["Out of host capacity."]).message).toContain(
      "work request did not succeed, workId: w, entity: nodepool, action: CREATED. Message: Out of host capacity.",
    );
  });
});

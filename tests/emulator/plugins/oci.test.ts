import { describe, expect, test } from "@jest/globals";

import { diffInputs, projected } from "../../../emulator/plugins/oci/diff.js";
import { fromApi, listEntry, toApi } from "../../../emulator/plugins/oci/mapping.js";
import { serviceError, workRequestError } from "../../../emulator/plugins/oci/messages.js";
import { resourceTypes } from "../../../emulator/plugins/oci/types.js";
import { unknown } from "../../../emulator/plugins/values.js";

describe("the provider's properties and the API's", () => {
  const inputs = {
    enabled: true,
    freeformTags: { enabled: "a user's key" },
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

  test("are converted for requests", () => {
    expect(toApi(inputs)).toEqual({
      isEnabled: true,
      freeformTags: { enabled: "a user's key" },
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

  test("are converted back for outputs", () => {
    expect(fromApi(toApi(inputs))).toEqual(inputs);
  });

  test("become lists of one where the provider has lists", () => {
    expect(fromApi({ endpoints: { publicEndpoint: "a" }, metadata: {} })).toEqual({
      endpoints: [{ publicEndpoint: "a" }],
      metadatas: [{}],
    });
    expect(
      listEntry({ lifecycleState: "ACTIVE", endpointConfig: { nsgIds: [] }, freeformTags: {} }),
    ).toEqual({ state: "ACTIVE", endpointConfigs: [{ nsgIds: [] }], freeformTags: {} });
  });
});

describe("a diff", () => {
  const forceNew = resourceTypes["oci:ContainerEngine/cluster:Cluster"]?.forceNew ?? [];

  test("names each changed leaf, and treats absent and empty values as equal", () => {
    expect(
      diffInputs(
        { name: "a", list: [{ x: 1 }, { x: 2 }], empty: [] },
        { name: "b", list: [{ x: 1 }, { x: 3 }, { x: 4 }], more: {} },
        [],
      ),
    ).toEqual({ name: "update", "list[1].x": "update", "list[2]": "add" });
  });

  test("replaces the resource for a property that OCI cannot change in place", () => {
    const olds = { options: { serviceLbSubnetIds: ["a"] }, endpointConfig: { subnetId: "s" } };
    expect(diffInputs(olds, { ...olds, options: { serviceLbSubnetIds: ["b"] } }, forceNew)).toEqual(
      { "options.serviceLbSubnetIds[0]": "update-replace" },
    );
    expect(
      diffInputs({ kubernetesVersion: "v1.34.2" }, { kubernetesVersion: "v1.35.2" }, forceNew),
    ).toEqual({ kubernetesVersion: "update" });
  });

  test("updates a VCN's ranges in place, as the provider does", () => {
    const [olds, news] = [{ cidrBlocks: ["10.0.0.0/16"] }, { cidrBlocks: ["10.1.0.0/16"] }];
    const ofVcn = resourceTypes["oci:Core/vcn:Vcn"]?.forceNew ?? [];
    expect(diffInputs(olds, news, ofVcn)).toEqual({ "cidrBlocks[0]": "update" });
  });

  test("is empty when a property that OCI computes is removed", () => {
    const olds = { endpointConfig: { subnetId: "s" }, freeformTags: { a: "1", b: "2" } };
    expect(diffInputs(olds, {}, forceNew)).toEqual({});
    expect(diffInputs(olds, { freeformTags: { a: "1" } }, forceNew)).toEqual({
      "freeformTags.b": "delete",
    });
    expect(diffInputs({ routeRules: [{ destination: "0.0.0.0/0" }] }, {}, [])).toEqual({
      routeRules: "delete",
    });
  });

  test("treats an unknown value as a change", () => {
    expect(diffInputs({ vcnId: "a" }, { vcnId: unknown }, ["vcnId"])).toEqual({
      vcnId: "update-replace",
    });
  });
});

describe("live inputs", () => {
  test("omit what OCI filled in, and include changes made outside Pulumi", () => {
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

  test("ignore the order of a set, but include added and removed elements", () => {
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

describe("errors", () => {
  const about = { service: "Core Subnet", operation: "Subnet" };

  test("have the provider's message", () => {
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

  test("of a work request name it and the reason", () => {
    const work = { workRequestId: "w", entity: "nodepool", action: "CREATED", id: "n" };
    expect(workRequestError(about, work, ["Out of host capacity."]).message).toContain(
      "work request did not succeed, workId: w, entity: nodepool, action: CREATED. Message: Out of host capacity.",
    );
  });
});

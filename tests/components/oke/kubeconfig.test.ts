import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";

import { cloudInit, kernelModules, userData } from "../../../components/oke/cloud-init.js";
import { explained } from "../../../components/oke/oci/errors.js";
import { identityEnvironmentOf } from "../../../components/oke/oci/identity-environment.js";
import { forTokenHelper } from "../../../components/oke/token/kubeconfig.js";

const clusterId = "ocid1.cluster.oc1.iad.aaaa";
const oracle = `---
apiVersion: v1
kind: ""
clusters:
- name: cluster-c
  cluster:
    server: https://192.0.2.1:6443
    certificate-authority-data: Q0E=
users:
- name: user-c
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: oci
      args: [ce, cluster, generate-token, --cluster-id, ${clusterId}, --region, us-ashburn-1]
      env: []
contexts:
- name: context-c
  context: {cluster: cluster-c, user: user-c}
current-context: context-c
`;

describe("the provider's kubeconfig", () => {
  const rewritten = parse(
    forTokenHelper(oracle, { clusterId, environment: { TF_VAR_config_file_profile: "DEMO" } }),
  );

  test("runs this package's token helper instead of the oci command", () => {
    expect(rewritten.users).toEqual([
      {
        name: "user-c",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: "node",
            args: [
              "--import",
              "tsx",
              "components/oke/token/cli.ts",
              "--cluster-id",
              clusterId,
              "--region",
              "us-ashburn-1",
            ],
            env: [{ name: "TF_VAR_config_file_profile", value: "DEMO" }],
            interactiveMode: "Never",
            provideClusterInfo: false,
          },
        },
      },
    ]);
  });

  test("keeps the rest of Oracle's kubeconfig", () => {
    expect({ ...rewritten, users: [] }).toEqual({ ...parse(oracle), users: [] });
  });

  test("takes the region from the cluster's OCID if Oracle's kubeconfig has none", () => {
    const bare = oracle.replace(", --region, us-ashburn-1", "");
    const ocid = "ocid1.cluster.oc1.eu-frankfurt-1.aaaa";
    expect(forTokenHelper(bare, { clusterId: ocid, environment: {} })).toContain("eu-frankfurt-1");
    const short = forTokenHelper(bare, { clusterId, environment: {} });
    expect(short).not.toContain("--region");
  });

  test.each(["", "users: 3"])("is not created from %j", (text) => {
    expect(() => forTokenHelper(text, { clusterId, environment: {} })).toThrow(/no users/);
  });
});

describe("the identity in Pulumi's configuration", () => {
  test("becomes the environment variables that the oci provider reads first", () => {
    const config: Record<string, string> = {
      region: "eu-frankfurt-1",
      configFileProfile: "DEMO",
      privateKeyPath: "/keys/demo.pem",
      disableAutoRetries: "true",
    };
    expect(identityEnvironmentOf((key) => config[key])).toEqual({
      TF_VAR_region: "eu-frankfurt-1",
      TF_VAR_config_file_profile: "DEMO",
      TF_VAR_private_key_path: "/keys/demo.pem",
    });
  });

  test.each(["privateKey", "privateKeyPassword"])("is refused if it contains %s", (key) => {
    expect(() => identityEnvironmentOf((name) => (name === key ? "s3cret" : undefined))).toThrow(
      new RegExp(`oci:${key}.*pulumi config rm oci:${key}.*oci:privateKeyPath`, "s"),
    );
    try {
      identityEnvironmentOf(() => "s3cret");
    } catch (error) {
      expect(String(error)).not.toContain("s3cret");
    }
  });
});

describe("cloud-init", () => {
  test("runs Oracle's script first, and fails if it fails", () => {
    const lines = cloudInit().split("\n");
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(lines[0]).toBe("#!/bin/bash");
    expect(at(/oke_init_script/)).toBeGreaterThan(0);
    expect(lines[at(/^bash "\$init"/)]).toContain("|| exit 1");
    expect(at(/^bash "\$init"/)).toBeGreaterThan(at(/oke_init_script/));
    expect(at(/modules-load/)).toBeGreaterThan(at(/^bash "\$init"/));
  });

  test("loads each module immediately and at every boot", () => {
    for (const module of kernelModules) {
      expect(cloudInit().split(new RegExp(`\\b${module}\\b`)).length).toBe(3);
    }
    expect(kernelModules).toContain("iptable_nat");
  });

  test("is base64 in the metadata", () => {
    expect(Buffer.from(userData(), "base64").toString()).toBe(cloudInit());
  });
});

describe("an error of OCI", () => {
  const about = { what: "list clusters", compartmentId: "ocid1.compartment.oc1..c" };

  test("NotAuthorizedOrNotFound is explained with the policies", () => {
    const { message } = explained(
      new Error("404-NotAuthorizedOrNotFound, Authorization failed"),
      about,
    );
    expect(message).toContain(
      "OCI refuses to list clusters in compartment ocid1.compartment.oc1..c",
    );
    expect(message).toContain("Allow group <group> to manage cluster-family");
  });

  test("NotAuthenticated is explained with key and clock", () => {
    expect(explained("401-NotAuthenticated", about).message).toMatch(/fingerprint.*clock/);
  });

  test("is passed on if it is unknown", () => {
    const other = new Error("connect ECONNREFUSED");
    expect(explained(other, about)).toBe(other);
  });
});

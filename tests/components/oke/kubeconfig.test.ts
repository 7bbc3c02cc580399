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

  test("runs the helper of this package, without the oci command", () => {
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

  test("keeps everything else of Oracle's", () => {
    expect({ ...rewritten, users: [] }).toEqual({ ...parse(oracle), users: [] });
  });

  test("has the region of the cluster's OCID where Oracle's text names none", () => {
    const bare = oracle.replace(", --region, us-ashburn-1", "");
    const ocid = "ocid1.cluster.oc1.eu-frankfurt-1.aaaa";
    expect(forTokenHelper(bare, { clusterId: ocid, environment: {} })).toContain("eu-frankfurt-1");
    const short = forTokenHelper(bare, { clusterId, environment: {} });
    expect(short).not.toContain("--region");
  });

  test.each(["", "users: 3"])("is not made of %j", (text) => {
    expect(() => forTokenHelper(text, { clusterId, environment: {} })).toThrow(/no users/);
  });
});

describe("the identity in Pulumi's configuration", () => {
  test("is handed on by the names that the oci provider looks up first", () => {
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

  test.each(["privateKey", "privateKeyPassword"])("with %s is refused, with the remedy", (key) => {
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
  test("runs Oracle's script before anything else, and fails with it", () => {
    const lines = cloudInit().split("\n");
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(lines[0]).toBe("#!/bin/bash");
    expect(at(/oke_init_script/)).toBeGreaterThan(0);
    expect(lines[at(/^bash "\$init"/)]).toContain("|| exit 1");
    expect(at(/^bash "\$init"/)).toBeGreaterThan(at(/oke_init_script/));
    expect(at(/modules-load/)).toBeGreaterThan(at(/^bash "\$init"/));
  });

  test("loads each module now and at every boot", () => {
    for (const module of kernelModules) {
      expect(cloudInit().split(new RegExp(`\\b${module}\\b`)).length).toBe(3);
    }
    expect(kernelModules).toContain("iptable_nat");
  });

  test("goes into the metadata in base64", () => {
    expect(Buffer.from(userData(), "base64").toString()).toBe(cloudInit());
  });
});

describe("OCI's refusals", () => {
  const about = { what: "list clusters", compartmentId: "ocid1.compartment.oc1..c" };

  test("NotAuthorizedOrNotFound becomes the policy that is missing", () => {
    const { message } = explained(
      new Error("404-NotAuthorizedOrNotFound, Authorization failed"),
      about,
    );
    expect(message).toContain(
      "OCI refuses to list clusters in compartment ocid1.compartment.oc1..c",
    );
    expect(message).toContain("Allow group <group> to manage cluster-family");
  });

  test("NotAuthenticated speaks of key and clock", () => {
    expect(explained("401-NotAuthenticated", about).message).toMatch(/fingerprint.*clock/);
  });

  test("others stay as they are", () => {
    const other = new Error("connect ECONNREFUSED");
    expect(explained(other, about)).toBe(other);
  });
});

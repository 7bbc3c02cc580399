import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";

import {
  type KeyPair,
  ensureCertificates,
  kubeconfig,
} from "../../../emulator/control-plane/certificates.js";
import { istiodArguments, istiodEnvironment } from "../../../emulator/control-plane/istiod-pod.js";
import { writeKwokConfig } from "../../../emulator/control-plane/kwok.js";
import { nodeObject } from "../../../emulator/control-plane/node.js";
import type { Ports } from "../../../emulator/processes/ports.js";

// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12
const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "control-plane-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("certificates are issued once by the authority, for their hosts, with keys only the owner can read", async () => {
  const { ca, serviceAccounts, ...pairs } = await ensureCertificates(folder);
  const authority = new X509Certificate(readFileSync(ca));
  expect(authority.ca).toBe(true);
  expect(authority.checkIssued(authority)).toBe(true);
  for (const { certificate, key } of Object.values(pairs) as KeyPair[]) {
    const issued = new X509Certificate(readFileSync(certificate));
    expect(issued.verify(authority.publicKey)).toBe(true);
    expect(issued.checkIssued(authority)).toBe(true);
    expect(issued.ca).toBe(false);
    expect(statSync(key).mode & 0o077).toBe(0);
  }
  const server = new X509Certificate(readFileSync(pairs.apiserver.certificate));
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(server.checkHost("localhost")).toBe("localhost");
  expect(server.checkHost("kubernetes.default.svc")).toBe("kubernetes.default.svc");
  expect(server.checkHost("example.com")).toBeUndefined();
  expect(server.keyUsage).toEqual([serverAuth, clientAuth]);
  const admin = new X509Certificate(readFileSync(pairs.admin.certificate));
  expect(admin.subject).toBe("O=system:masters\nCN=kubernetes-admin");
  expect(admin.subjectAltName).toBeUndefined();
  expect(admin.keyUsage).toEqual([clientAuth]);
  expect(Date.parse(admin.validFrom)).toBeLessThan(Date.now() - 3_000_000);
  expect(Date.parse(admin.validTo) - Date.now()).toBeGreaterThan(9 * 365 * 86_400_000);

  const before = readFileSync(pairs.apiserver.certificate, "utf8");
  const { apiserver } = await ensureCertificates(folder);
  expect(readFileSync(apiserver.certificate, "utf8")).toBe(before);
  expect(statSync(serviceAccounts.privateKey).mode & 0o077).toBe(0);
});

test("a kubeconfig embeds its keys and certificates", async () => {
  const { ca, admin } = await ensureCertificates(folder);
  const { clusters, users } = parse(kubeconfig("https://127.0.0.1:1", ca, admin)) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  expect(clusters[0]?.cluster["server"]).toBe("https://127.0.0.1:1");
  const key = Buffer.from(users[0]?.user["client-key-data"] ?? "", "base64").toString();
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

test("a worker of 2 OCPU and 16 GB has OKE's allocatable resources", () => {
  const node = nodeObject({
    name: "10.0.10.12",
    shape: "VM.Standard.E4.Flex",
    ocpus: 2,
    memoryGb: 16,
    kubeletVersion: "v1.33.1",
    osImage: "Oracle Linux Server 7.9",
    labels: { "topology.kubernetes.io/zone": "PHX-AD-2" },
  });
  expect(node).toMatchObject({
    metadata: {
      labels: {
        "topology.kubernetes.io/zone": "PHX-AD-2",
        "node.kubernetes.io/instance-type": "VM.Standard.E4.Flex",
      },
    },
    status: {
      capacity: { cpu: "4", memory: "16384Mi" },
      // 60m + 10m + 2 × 5m and 100m; 1 + 0.8 + 0.8 GiB and 100Mi
      allocatable: { cpu: "3820m", memory: "13622Mi", pods: "110" },
      nodeInfo: { kubeletVersion: "v1.33.1", osImage: "Oracle Linux Server 7.9" },
    },
  });
});

test("KWOK excludes istiod's Pods, and uses other configuration files in its folder", () => {
  const stage = join(folder, "pod-ready.yaml");
  writeFileSync(
    stage,
    `kind: Stage
metadata: { name: pod-ready }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector: { matchExpressions: [{ key: .status.phase, operator: In, values: [Pending] }] }
  next: { statusTemplate: "phase: Running" }
---
kind: Stage
metadata: { name: pod-delete }
spec: { resourceRef: { apiGroup: v1, kind: Pod }, selector: { matchExpressions: [] }, next: { delete: true } }
`,
  );
  const kwok = join(folder, "kwok");
  expect(writeKwokConfig(kwok, [stage])).toHaveLength(1);
  writeFileSync(join(kwok, "exec.yaml"), "kind: ClusterExec");
  const files = writeKwokConfig(kwok, [stage]);
  expect(files).toEqual([join(kwok, "exec.yaml"), join(kwok, "stages.yaml")]);

  const stages = parseAllDocuments(readFileSync(join(kwok, "stages.yaml"), "utf8")).map(
    (document) =>
      document.toJS() as {
        metadata: { name: string };
        spec: { selector: { matchExpressions: { operator: string; values?: string[] }[] } };
      },
  );
  expect(stages.map(({ metadata }) => metadata.name)).toEqual([
    "pod-ready",
    "pod-keeps-address",
    "istiod-ready",
    "istiod-ready-again",
    "istiod-not-ready",
    "pod-delete",
  ]);
  expect(stages[0]?.spec.selector.matchExpressions).toContainEqual(
    expect.objectContaining({ operator: "NotIn", values: ["istio-system/istiod"] }),
  );
});

test("istiod runs with its Pod's arguments and environment, on this machine's ports", () => {
  const pod = {
    metadata: { name: "istiod-7f-x", namespace: "istio-system" },
    spec: {
      serviceAccountName: "istiod",
      containers: [
        {
          name: "discovery",
          args: ["discovery", "--monitoringAddr=:15014", "--domain", "cluster.local"],
          env: [
            { name: "PILOT_ENABLE_AMBIENT", value: "true" },
            { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
            { name: "GOMAXPROCS", valueFrom: {} },
            { name: "KUBECONFIG", value: "/var/run/secrets/remote/config" },
          ],
        },
      ],
    },
  };
  const ports = { istiodMonitoring: 5, istiodWebhook: 4 } as Ports;
  const args = istiodArguments(pod, ports, "/k");
  expect(args.slice(0, 4)).toEqual(pod.spec.containers[0]?.args);
  expect(args.lastIndexOf("--monitoringAddr=127.0.0.1:5")).toBeGreaterThan(1);
  expect(args).toContain("--httpsAddr=127.0.0.1:4");
  expect(istiodEnvironment(pod)).toEqual({
    PILOT_ENABLE_AMBIENT: "true",
    POD_NAME: "istiod-7f-x",
    ISTIOD_CUSTOM_HOST: "localhost",
  });
});

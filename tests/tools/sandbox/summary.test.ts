import { describe, expect, test } from "@jest/globals";

import type { OperationReport } from "../../../tools/sandbox/commands.js";
import type { LoadBalancerStatus } from "../../../emulator/dataplane/status.js";
import { noResourceNames } from "../../../tools/automation/operation.js";
import { pageHints, pageUrl } from "../../../tools/sandbox/page.js";
import type { ResourceChange } from "../../../tools/automation/changes.js";
import { changeLines } from "../../../tools/sandbox/change-list.js";
import { operationText } from "../../../tools/sandbox/summary.js";

const url = "http://127.21.105.1/productpage";
/** The gateway's load balancer, with the reported listener of port 80. */
const balancers = (listening: string, problem?: string): LoadBalancerStatus[] => {
  const service = "istio-system/istio-ingressgateway";
  const https = "127.21.105.1:443";
  return [
    { service, address: https, listening: https },
    { service, address: "127.21.105.1:80", listening, ...(problem && { problem }) },
  ];
};
const denied = "listen tcp 127.21.105.1:80: bind: permission denied";
const on8080 = balancers("127.21.105.1:8080", denied);
const sysctl = "To allow port 80: sudo sysctl net.ipv4.ip_unprivileged_port_start=80";

describe("hints for opening the page", () => {
  test.each([
    ["none if its URL opens", balancers("127.21.105.1:80"), "linux", []],
    ["nothing where no data plane runs", [], "linux", []],
    [
      "another port, if only root may use this one",
      on8080,
      "linux",
      [
        "Only root can use port 80 on this machine. Open http://127.21.105.1:8080/productpage instead.",
        sysctl,
      ],
    ],
    [
      "the same on a system without that sysctl",
      on8080,
      "darwin",
      [
        "Only root can use port 80 on this machine. Open http://127.21.105.1:8080/productpage instead.",
      ],
    ],
    [
      "what is in the way, where the other port is taken too",
      balancers("", `${denied}; listen tcp 127.21.105.1:8080: bind: address already in use`),
      "linux",
      [
        `The page does not open: ${denied}; listen tcp 127.21.105.1:8080: bind: address already in use`,
        sysctl,
      ],
    ],
    [
      "how to have the address, where there is none but 127.0.0.1",
      balancers("", "listen tcp 127.21.105.1:80: bind: can't assign requested address"),
      "darwin",
      [
        "The page does not open: listen tcp 127.21.105.1:80: bind: can't assign requested address",
        "To add its address: sudo ifconfig lo0 alias 127.21.105.1",
      ],
    ],
  ] as const)("is %s", (_, found, platform, hints) => {
    expect(pageHints(url, [...found], platform)).toEqual(hints);
  });

  test("are empty before there is a page", () => {
    expect(pageHints(undefined, on8080)).toEqual([]);
  });
});

test.each([
  ["its own", balancers("127.21.105.1:80"), url],
  ["on the other port where it listens", on8080, "http://127.21.105.1:8080/productpage"],
  ["its own, where nothing listens", balancers("", denied), url],
])("the URL that opens the page is %s", (_, found, opens) => {
  expect(pageUrl(url, found)).toBe(opens);
  expect(pageUrl(undefined, found)).toBeUndefined();
});

describe("the summary of an up", () => {
  const report: OperationReport = {
    changes: { create: 2, update: 0, replace: 0, delete: 0, same: 1 },
    resources: noResourceNames(),
    details: [],
    seconds: 7,
    outputs: { stage: "l4", productpageUrl: url },
    plugins: {
      oci: { kind: "stand-in" },
      kubernetes: { kind: "real", version: "4.25.0" },
      command: { kind: "real" },
    },
  };

  const mine = { name: "mine", config: [] };

  test("says where the page opens, and uses only commands that are installed", () => {
    const said = operationText("up", mine, report, { balancers: on8080 }).split("\n");
    expect(said.slice(1).map((line) => line.replaceAll(/\u001b\[\d+m/g, ""))).toEqual([
      "2 created, 1 unchanged in 7 s",
      "",
      "  stage            l4",
      `  productpageUrl   ${url}`,
      "",
      ...pageHints(url, on8080),
      "",
      'Look inside:   eval "$(npm run -s sandbox -- env --name mine)"; kubectl get pods',
      "Step by step:  npm run walk -- --name mine",
      "Another stage: npm run -s sandbox -- up --name mine --stage l4",
      "Destroy:       npm run -s sandbox -- destroy --name mine",
    ]);
  });
});

describe("the summary of a sandbox with Kiali", () => {
  const report = {
    changes: { create: 1, update: 0, replace: 0, delete: 0, same: 0 },
    details: [],
    seconds: 1,
    outputs: {},
  } as unknown as OperationReport;
  const options = { name: "mine", config: [] };
  const hint = "The Pods of Kiali and load are scheduled, but the sandbox has no image of them:";

  test("says when the environment expires, and how long that is", () => {
    const expiresAt = new Date(Date.now() + 90.5 * 60_000).toISOString();
    const said = operationText("up", options, { ...report, outputs: { expiresAt } });
    expect(said).toContain(`  expiresAt        ${expiresAt}, in 1 h 30 min`);
  });

  test("says after an up that its page is not served, and names Prometheus's", () => {
    const said = operationText("up", options, report, { balancers: [], kiali: true });
    expect(said).toContain(hint);
    expect(said).toContain("npm run dashboard -- --name mine --prometheus");
    expect(operationText("preview", options, report, { kiali: true })).not.toContain(hint);
    expect(operationText("up", options, report, { balancers: [], kiali: false })).not.toContain(
      hint,
    );
  });
});

describe("the summary of a preview", () => {
  const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, "").split("\n");
  const create = (name: string, kind: string): ResourceChange => ({
    change: "create",
    name,
    kind,
    fields: [],
  });
  const report: OperationReport = {
    changes: { create: 3, update: 1, replace: 0, delete: 1, same: 40 },
    resources: noResourceNames(),
    details: [
      create("reviews-waypoint", "Gateway"),
      create("reviews-split", "VirtualService"),
      create("other-waypoint", "Gateway"),
      {
        change: "update",
        name: "reviews-service",
        kind: "Service",
        fields: [
          { path: 'metadata.labels["istio.io/use-waypoint"]', after: "reviews-waypoint" },
          { path: "spec.ports[0].port", before: 80, after: 9080 },
          { path: "spec.clusterIP", before: "10.0.0.1", after: null },
          { path: "data.key", before: "[secret]", after: "[secret]" },
        ],
      },
      { change: "delete", name: "old", kind: "ConfigMap", fields: [] },
    ],
    seconds: 7,
    outputs: { stage: "traffic", productpageUrl: null },
    plugins: {} as OperationReport["plugins"],
  };
  const options = {
    name: "mine",
    stage: "traffic" as const,
    config: [
      ["reviews.v2Percent", 50],
      ["nodes.os", "Oracle Linux"],
    ] as [string, unknown][],
  };

  test("lists what would change by name, with the changed fields, and ends with the up that does it", () => {
    expect(plain(operationText("preview", options, report)).slice(1)).toEqual([
      "3 would be created, 1 would be updated, 1 would be deleted, 40 unchanged in 7 s",
      "+ 2 Gateway: other-waypoint, reviews-waypoint",
      "+ VirtualService: reviews-split",
      "~ reviews-service (Service)",
      '    metadata.labels["istio.io/use-waypoint"]: reviews-waypoint (new)',
      "    spec.ports[0].port: 80 → 9080",
      "    spec.clusterIP: 10.0.0.1 → known after up",
      "    data.key: a secret → a secret",
      "- ConfigMap: old",
      "",
      "  stage            traffic",
      "  productpageUrl   known after up",
      "",
      "Apply it: npm run -s sandbox -- up --name mine --stage traffic --config reviews.v2Percent=50 --config 'nodes.os=Oracle Linux'",
    ]);
  });

  test("shows long values below each other", () => {
    const value = (end: string) => `cluster.local/ns/default/sa/${end}`;
    const field = { path: "spec.source.principals[0]", before: value("sleep"), after: value("x") };
    const change = { ...create("viewer", "AuthorizationPolicy"), change: "update" as const };
    expect(
      changeLines([{ ...change, fields: [field] }], 80)
        .flatMap(plain)
        .slice(1),
    ).toEqual([
      "    spec.source.principals[0]",
      "      - cluster.local/ns/default/sa/sleep",
      "      + cluster.local/ns/default/sa/x",
    ]);
  });

  test.each([40, 80, 120])("cuts the list at %d columns", (width) => {
    const value = "x".repeat(200);
    const long: ResourceChange[] = [
      ...Array.from({ length: 30 }, (_, index) => create(`a-long-name-${index}`, "Gateway")),
      {
        change: "replace",
        name: "n".repeat(90),
        kind: "NodePool",
        fields: Array.from({ length: 20 }, () => ({ path: value, before: value, after: value })),
      },
    ];
    const lines = changeLines(long, width).flatMap(plain);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    expect(lines.at(-1)).toBe("    … and 8 more fields");
  });

  test("of a refresh tells what changed outside of Pulumi, and how to restore it", () => {
    const changes = { create: 0, update: 1, replace: 0, delete: 1, same: 40 };
    const said = plain(
      operationText("refresh", { name: "mine", config: [] }, { ...report, changes, outputs: {} }),
    );
    expect(said[1]).toBe(
      "1 changed outside of Pulumi, 1 deleted outside of Pulumi, 40 unchanged in 7 s",
    );
    expect(said.at(-1)).toBe("Restore what was changed: npm run -s sandbox -- up --name mine");
  });

  test("without a change says so", () => {
    const changes = { create: 0, update: 0, replace: 0, delete: 0, same: 40 };
    const none = { ...report, changes, details: [], outputs: {} };
    expect(plain(operationText("preview", options, none)).at(-1)).toBe(
      "There is nothing to update.",
    );
    expect(plain(operationText("refresh", options, none)).at(-1)).toBe(
      "The stack's state is what really exists.",
    );
  });
});

import { describe, expect, test } from "@jest/globals";

import type { OperationReport } from "../../../tools/sandbox/commands.js";
import type { LoadBalancerStatus } from "../../../emulator/dataplane/status.js";
import { noResourceNames } from "../../../tools/automation/operation.js";
import { pageHints, pageUrl } from "../../../tools/sandbox/page.js";
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
    seconds: 7,
    outputs: { stage: "l4", productpageUrl: url },
    plugins: {
      oci: { kind: "stand-in" },
      kubernetes: { kind: "real", version: "4.25.0" },
      command: { kind: "real" },
    },
  };

  test("says where the page opens, and uses only commands that are installed", () => {
    const said = operationText("up", "mine", report, on8080).split("\n");
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

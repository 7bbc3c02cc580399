import { beforeAll, describe, expect, jest, test } from "@jest/globals";

import { entryAt, expectationsAt } from "../../../../components/verification/expectations.js";
import { buildPlans } from "../../../../tools/plan/build.js";
import { drawRequests } from "../../../../tools/plan/requests/draw.js";
import { requestPaths } from "../../../../tools/plan/requests/path.js";
import type { RequestPaths } from "../../../../tools/plan/requests/path.js";
import { readStack } from "../../../../tools/plan/stack-config.js";

jest.setTimeout(120_000);

let paths: RequestPaths[];
beforeAll(async () => {
  const { variants } = await buildPlans(readStack("dev"));
  paths = variants.slice(0, 7).flatMap((plan) => requestPaths(plan) ?? []);
});

const at = (stage: string) => {
  const found = paths.find((each) => each.stage === stage);
  if (!found) throw new Error(`no requests at ${stage}`);
  return found;
};
/** `notsleep GET productpage: ztunnel > productpage-waypoint ✖` */
const ways = (stage: string) =>
  at(stage).requests.map(({ client, method, service, hops }) => {
    const marks = hops.map(({ name, admits }) =>
      admits === undefined ? name : `${name} ${admits ? "✔" : "✖"}`,
    );
    return `${client} ${method} ${service}: ${marks.join(" > ")}`;
  });

test("stages with an application have requests", () => {
  expect(paths.map(({ stage }) => stage)).toEqual(["bookinfo", "ambient", "l4", "l7", "traffic"]);
});

test("the registered policies give the expected results of every stage", () => {
  for (const { stage, requests } of paths) {
    const expected = expectationsAt(stage).flatMap((row) =>
      row.check === "request" ? [[row.id, entryAt(stage, row.answer)]] : [],
    );
    const drawn = requests
      .filter(({ service }) => service === "productpage")
      .map(({ id, answer }) => [id, answer]);
    expect([stage, new Map(drawn as [string, string][])]).toEqual([
      stage,
      new Map(expected as [string, string][]),
    ]);
  }
});

describe("a request goes", () => {
  test("from Pod to Pod before the namespace is enrolled", () => {
    expect(ways("bookinfo")).toEqual([
      "browser GET productpage: ingress gateway",
      "sleep GET productpage: ",
      "notsleep GET productpage: ",
      "productpage GET reviews: ",
    ]);
  });

  test("to the Pod's ztunnel, which decides at l4", () => {
    expect(ways("l4")).toEqual([
      "browser GET productpage: ingress gateway > ztunnel ✔",
      "sleep GET productpage: ztunnel > ztunnel ✔",
      "notsleep GET productpage: ztunnel > ztunnel ✖",
      "productpage GET reviews: ztunnel > ztunnel",
    ]);
    expect(at("l4").decisions[0]).toBe(
      "productpage’s ztunnel decides by policy productpage-viewer: admits sleep and the ingress gateway.",
    );
  });

  test("through the waypoint, which decides from l7 on, and then to a ztunnel that admits only it", () => {
    expect(ways("l7").slice(0, 4)).toEqual([
      "browser GET productpage: ingress gateway > productpage-waypoint ✔ > ztunnel ✔",
      "browser DELETE productpage: ingress gateway > productpage-waypoint ✖",
      "sleep GET productpage: ztunnel > productpage-waypoint ✔ > ztunnel ✔",
      "notsleep GET productpage: ztunnel > productpage-waypoint ✖",
    ]);
  });

  test("to the versions of reviews by the configured shares", async () => {
    expect(at("traffic").services[1]?.versions).toEqual([
      { name: "v1", share: 90 },
      { name: "v2", share: 10 },
      { name: "v3", share: 0 },
    ]);
    expect(at("traffic").decisions.at(-1)).toBe(
      "reviews-waypoint splits requests by VirtualService reviews: 90 % v1, 10 % v2, 0 % v3.",
    );
    expect(at("l7").services[1]?.versions.map(({ share }) => share)).toEqual(
      Array<undefined>(3).fill(undefined),
    );
  });
});

describe("the picture", () => {
  test("has the README's width, no small text, both color schemes, and a description", () => {
    for (const path of paths) {
      const svg = drawRequests(path);
      expect(svg).toContain('width="830"');
      expect(svg).toContain("@media (prefers-color-scheme:dark)");
      const sizes = [...svg.matchAll(/font-size:([\d.]+)px/g)].map((match) => Number(match[1]));
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
      for (const decision of path.decisions) expect(svg).toContain(decision);
    }
  });

  test("ends a refused request at the proxy that refuses it", () => {
    const svg = drawRequests(at("l7"));
    const row = (id: string) => new RegExp(`<g id="${id}">.*?</g>`).exec(svg)?.[0] ?? "";
    expect(row("notsleep-direct-get").match(/class="way/g)).toHaveLength(2);
    expect(row("sleep-direct-get").match(/class="way/g)).toHaveLength(4);
    expect(row("notsleep-direct-get")).toContain('class="refused"');
  });

  test("explains only the marks that it has", () => {
    expect(drawRequests(at("bookinfo"))).not.toContain("mutual TLS");
    expect(drawRequests(at("ambient"))).not.toContain("refused</text>");
    expect(drawRequests(at("l4"))).toContain("refused</text>");
  });
});

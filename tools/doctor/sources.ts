import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { fetchUrl } from "../../components/http/fetch.js";
import {
  cachedBundle,
  loadGatewayApi,
  parseBundleSpec,
} from "../../components/mesh/gateway-api-bundle.js";
import { pinnedBundles } from "../../components/mesh/gateway-api-pins.js";
import { charts } from "../../components/mesh/names.js";
import { withoutCredentials } from "../../components/resources/credentials.js";
import type { Settings } from "../../components/settings/types.js";
import { failed, reason } from "./check-result.js";
import type { CheckResult } from "./check-result.js";

const limitMs = 20_000;

type Load = (url: string, options: { method?: string; signal: AbortSignal }) => Promise<Response>;

/** Whether the charts and the Gateway API bundle can be loaded from the configured sources. */
export async function sourceRows(
  { mesh }: Settings,
  load: Load = fetchUrl,
): Promise<CheckResult[]> {
  const rows = await Promise.all([
    chartRow(mesh.chartRepository, mesh.version, load),
    bundleRow(mesh.gatewayApi, load),
  ]);
  return rows.map(({ found, remedy, ...row }) => ({
    ...row,
    found: withoutCredentials(found),
    ...(remedy && { remedy: withoutCredentials(remedy) }),
  }));
}

async function chartRow(repository: string, version: string, load: Load): Promise<CheckResult> {
  const check = "Istio charts";
  const place = repository.replace(/\/+$/, "");
  if (!/^(https?|oci):/.test(place)) {
    const missing = charts.filter((chart) => !existsSync(join(place, chart, "Chart.yaml")));
    return missing.length === 0
      ? { check, state: "ok", found: resolve(place) }
      : {
          check,
          state: "problem",
          found: `${resolve(place)} lacks ${missing.join(", ")}`,
          remedy: `A folder with ${charts.join(", ")}: pulumi config set --path mesh.chartRepository <folder>`,
        };
  }
  const url = place.startsWith("oci:")
    ? `${new URL(place.replace(/^oci:/, "https:")).origin}/v2/`
    : `${place}/index.yaml`;
  try {
    const answer = await load(url, { signal: AbortSignal.timeout(limitMs) });
    // A registry requires a token to list anything; an answer is enough here.
    if (place.startsWith("oci:") && [200, 401].includes(answer.status)) {
      return { check, state: "ok", found: `${place} answers` };
    }
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    const listed = new RegExp(`^[\\s-]*version: "?${version.replaceAll(".", "\\.")}"?\\s*$`, "m");
    if (listed.test(await answer.text()))
      return { check, state: "ok", found: `${version} in ${place}` };
    return {
      check,
      state: "problem",
      found: `${place} does not list ${version}`,
      remedy: "pulumi config set --path mesh.version <version>",
    };
  } catch (error) {
    return unreachable(check, url, error, "mesh.chartRepository");
  }
}

async function bundleRow(spec: string, load: Load): Promise<CheckResult> {
  const check = "Gateway API bundle";
  try {
    const request = parseBundleSpec(spec);
    if (!request) return { check, state: "ok", found: "the cluster's own CRDs" };
    const { location, digest } = request;
    if (cachedBundle(digest)) return await loadedRow(check, spec, "in the cache");
    if (!/^https?:/.test(location)) {
      const path = location.startsWith("file:") ? fileURLToPath(location) : resolve(location);
      if (existsSync(path)) return await loadedRow(check, spec, path);
      return {
        check,
        state: "problem",
        found: `${path} does not exist`,
        remedy: "pulumi config set --path mesh.gatewayApi '<path or URL>#sha256=<digest>'",
      };
    }
    const answer = await load(location, { method: "HEAD", signal: AbortSignal.timeout(limitMs) });
    if (!answer.ok) throw new Error(`${location} answers ${answer.status}`);
    return { check, state: "ok", found: location };
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) {
      return unreachable(check, spec, error, "mesh.gatewayApi");
    }
    const pinned = Object.keys(pinnedBundles).join(" or ");
    return failed(check, error, `pulumi config set --path mesh.gatewayApi ${pinned}`);
  }
}

/** What needs no download is read and verified as a preview does it. */
async function loadedRow(check: string, spec: string, place: string): Promise<CheckResult> {
  try {
    await loadGatewayApi(spec);
    return { check, state: "ok", found: place };
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return failed(check, error, lines.slice(1).join("\n").trim());
  }
}

function unreachable(check: string, url: string, error: unknown, key: string): CheckResult {
  return {
    check,
    state: "problem",
    found: `${url}: ${reason(error)}`,
    remedy: `Without internet access, use a copy: pulumi config set --path ${key} <folder or URL>`,
  };
}

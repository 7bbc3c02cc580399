import * as pulumi from "@pulumi/pulumi";

import { choose } from "../../components/oke/versions/choose.js";
import type { RunningCluster } from "../../components/oke/versions/types.js";
import { shapeMissing } from "../../components/oke/shapes.js";
import type { Identity } from "../../components/oke/token/identity.js";
import type { Settings } from "../../components/settings/types.js";
import { limitRows } from "./limits.js";
import type { Ask } from "./limits.js";
import { failed, refused } from "./check-result.js";
import type { CheckResult } from "./check-result.js";
import { misspelled } from "./identity.js";
import { runningIn } from "./running.js";

const policies = {
  compartment: "Allow group <group> to inspect compartments in tenancy",
  region: "Allow group <group> to inspect tenancies in tenancy",
  clusters: "Allow group <group> to manage cluster-family in compartment <compartment>",
};

/** Everything that can be checked in OCI before an `up`. Changes nothing. */
export async function ociRows(
  ask: Ask,
  settings: Settings,
  { identity, region, stack }: { identity: Identity; region: string; stack: string },
): Promise<CheckResult[]> {
  const compartmentId = settings.compartmentId ?? "";
  const first = await placeRows(ask, { identity, region }, compartmentId);
  const [, compartment] = first;
  if (compartment?.state !== "ok") return first;
  const inCompartment = `compartmentId=${encodeURIComponent(compartmentId)}`;
  const domains = await ask<{ name: string }[]>(
    "identity",
    `/availabilityDomains?${inCompartment}`,
  ).then(
    (list) => (list ?? []).map(({ name }) => name),
    () => [],
  );
  try {
    const running = await runningIn(ask, compartmentId, stack);
    const isNew = running === undefined;
    const creates = { network: isNew, cluster: isNew, pool: !running?.pool, loadBalancer: isNew };
    return [
      ...first,
      ...(await limitRows(ask, settings, { domains, creates })),
      ...(await offerRows(ask, settings, inCompartment, running)),
    ];
  } catch (error) {
    return [
      ...first,
      ...(await limitRows(ask, settings, { domains })),
      ...(pulumi.RunError.isInstance(error)
        ? [multiline("the stack's cluster", error), unknownCluster]
        : [refused(versionsCheck, error, policies.clusters)]),
    ];
  }
}

/**
 * The rows about the region and the compartment; without the latter if the region can't be used.
 *
 * @param compartmentId not yet validated.
 */
export async function placeRows(
  ask: Ask,
  { identity, region }: { identity: Identity; region: string },
  compartmentId: unknown,
): Promise<CheckResult[]> {
  const row = await regionRow(ask, identity, region);
  const hasId = typeof compartmentId === "string" && compartmentId.startsWith("ocid1.");
  if (row.state === "problem" || !hasId) return [row];
  return [row, await compartmentRow(ask, compartmentId)];
}

const versionsCheck = "versions and image";

/** A running cluster keeps its versions; with several clusters, the stack's is unknown. */
const unknownCluster: CheckResult = {
  check: versionsCheck,
  state: "not checked",
  found: "which cluster belongs to the stack is unknown",
};

async function regionRow(ask: Ask, { tenancyId }: Identity, region: string): Promise<CheckResult> {
  const check = "region";
  if (!tenancyId) return { check, state: "ok", found: region };
  try {
    const subscriptions = await ask<{ regionName: string; status: string }[]>(
      "identity",
      `/tenancies/${encodeURIComponent(tenancyId)}/regionSubscriptions`,
    );
    const ready = (subscriptions ?? []).filter(({ status }) => status === "READY");
    if (ready.some(({ regionName }) => regionName === region)) {
      return { check, state: "ok", found: region };
    }
    if (subscriptions?.some(({ regionName }) => regionName === region)) {
      return {
        check,
        state: "problem",
        found: `the tenancy's subscription to ${region} is not ready yet`,
        remedy:
          "Wait a few minutes: the console shows its state under Governance, Region Management",
      };
    }
    return {
      check,
      state: "problem",
      found: `${region} is not subscribed; subscribed: ${ready.map(({ regionName }) => regionName).join(", ")}`,
      remedy: `pulumi config set oci:region ${ready[0]?.regionName ?? "<region>"}`,
    };
  } catch (error) {
    const wrongName = misspelled(region, error);
    if (wrongName) return wrongName;
    const row = refused(check, error, policies.region);
    // Using a region does not require the permission to list regions.
    return row.remedy === policies.region ? { ...row, state: "warning" } : row;
  }
}

async function compartmentRow(ask: Ask, compartmentId: string): Promise<CheckResult> {
  const check = "compartment";
  try {
    const found = await ask<{ name: string; lifecycleState: string }>(
      "identity",
      `/compartments/${encodeURIComponent(compartmentId)}`,
    );
    return found?.lifecycleState === "ACTIVE"
      ? { check, state: "ok", found: found.name }
      : {
          check,
          state: "problem",
          found: `${found?.name} is ${found?.lifecycleState}`,
          remedy: "pulumi config set compartmentId <OCID of an active compartment>",
        };
  } catch (error) {
    return refused(check, error, policies.compartment);
  }
}

interface Options {
  kubernetesVersions?: string[];
  shapes?: string[];
  sources?: { imageId: string; sourceName: string }[];
}

async function offerRows(
  ask: Ask,
  settings: Settings,
  inCompartment: string,
  running: RunningCluster | undefined,
): Promise<CheckResult[]> {
  const check = versionsCheck;
  const { compartmentId = "", nodes, mesh, kubernetesVersion } = settings;
  try {
    const query = `${inCompartment}&shouldListAllPatchVersions=true`;
    const [clusters, pools] = await Promise.all([
      ask<Options>("containerEngine", `/clusterOptions/all?${query}`),
      ask<Options>("containerEngine", `/nodePoolOptions/all?${query}`),
    ]);
    const shapes = pools?.shapes ?? [];
    const shape: CheckResult =
      // Existing workers need no new host, even if their shape was withdrawn.
      running?.pool || shapes.length === 0 || shapes.includes(nodes.shape)
        ? { check: "shape", state: "ok", found: nodes.shape }
        : multiline("shape", shapeMissing(nodes.shape, shapes));
    return [shape, pairRow()];

    function pairRow(): CheckResult {
      const sources = pools?.sources ?? [];
      const offer = {
        compartmentId,
        controlPlanes: clusters?.kubernetesVersions ?? [],
        workers: pools?.kubernetesVersions ?? [],
        sources,
      };
      try {
        const wanted = {
          os: nodes.os,
          istio: mesh.version,
          kubernetesVersion,
          imageId: nodes.imageId,
        };
        const { controlPlane, worker, imageId, warnings } = choose(offer, wanted, running);
        const image =
          sources.find((source) => source.imageId === imageId)?.sourceName ??
          (running?.pool?.imageId === imageId ? running.pool.imageName : undefined) ??
          imageId;
        return {
          check,
          state: warnings.length > 0 ? "warning" : "ok",
          found: `control plane ${controlPlane}, workers ${worker} on ${image}`,
          ...(warnings.length > 0 && { remedy: warnings.join("\n") }),
        };
      } catch (error) {
        return multiline(check, error);
      }
    }
  } catch (error) {
    return [refused(check, error, policies.clusters)];
  }
}

/** An error of the program: its first line says what is wrong, the others what to do. */
function multiline(check: string, error: unknown): CheckResult {
  const lines = error instanceof Error ? error.message.split("\n") : [];
  return failed(check, error, lines.slice(1).join("\n"));
}

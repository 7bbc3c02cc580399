import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { explainFailures, type Advice } from "../resources/hooks.js";
import { systemNamespace, type Chart } from "./names.js";

/** Helm values: a tree of plain data. */
export type Values = Record<string, unknown>;

/** Where Istio's charts come from. */
export interface ChartSource {
  /**
   * A Helm repository's URL, an OCI registry's (`oci://…`), or a folder with a folder for each chart.
   * https://istio.io/latest/docs/ambient/install/helm/
   */
  chartRepository: pulumi.Input<string>;
  /** Istio's version, `1.31.1`; the charts of a repository bear it, those of a folder have their own. */
  version: pulumi.Input<string>;
}

export interface ChartReleaseArgs extends ChartSource {
  /** The chart's name in the repository. Plain: it is part of no other input. */
  chart: Chart;
  /** The release's name in Helm. Plain: advice names it. */
  releaseName: string;
  /** What the program sets. */
  values: Values;
  /** What configuration sets on top, merged deeply. Default: nothing. */
  overrides?: pulumi.Input<Values>;
}

/** Seconds; an image pull on a fresh worker is the slow part. */
const timeoutSeconds = 600;

/**
 * One chart as a Helm release: Helm's own three-way merge leaves alone what istiod writes into its
 * webhooks (https://github.com/pulumi/pulumi-kubernetes/issues/2210). A release that fails takes itself
 * back, so that the next `up` starts clean.
 */
export function chartRelease(
  name: string,
  args: ChartReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  const located = pulumi
    .all([args.chartRepository, args.version])
    .apply(([repository, version]) => locate(repository, args.chart, version));
  return new k8s.helm.v3.Release(
    name,
    {
      name: args.releaseName,
      namespace: systemNamespace,
      chart: located.chart,
      version: located.version as pulumi.Output<string>,
      repositoryOpts: located.repositoryOpts as pulumi.Output<{ repo: string }>,
      values: pulumi
        .output(args.overrides)
        .apply((overrides) => mergeValues(args.values, overrides ?? {})),
      createNamespace: false,
      atomic: true,
      cleanupOnFail: true,
      skipAwait: false,
      maxHistory: 5,
      timeout: timeoutSeconds,
    },
    pulumi.mergeOptions(opts, {
      hooks: explainFailures(`${name}-failure`, releaseAdvice(args.releaseName), opts.parent),
    }),
  );
}

/**
 * What a person can do about what a cut-off operation leaves in Helm. A release that the state does not know is not
 * taken over (https://github.com/pulumi/pulumi-kubernetes/issues/2116): a `destroy` takes what goes with the cluster
 * out of the state first; cut off there, it leaves every release so. One whose upgrade was cut off stays locked
 * until it is rolled back (https://github.com/pulumi/pulumi-kubernetes/issues/2054).
 */
export function releaseAdvice(release: string): Advice {
  return (errors) => {
    const said = (words: RegExp) => errors.some((error) => words.test(error));
    // "re-use" by Helm 3, "reuse" by Helm 4.
    if (said(/cannot re-?use a name that is still in use/))
      return [
        `Helm has a release ${release} in ${systemNamespace} already, of which this stack's state does not know: a pulumi destroy or an up was cut off.`,
        "Go on with the destroy:        pulumi destroy",
        `or clear the way for an up:    helm uninstall ${release} -n ${systemNamespace}, and so each release that is named like this, then pulumi up`,
      ].join("\n");
    if (said(/another operation \(install\/upgrade\/rollback\) is in progress/))
      return [
        `Helm holds release ${release} in ${systemNamespace} for an operation that has not ended: another person's, or one of an up that was cut off.`,
        `See which, and since when:     helm history ${release} -n ${systemNamespace}`,
        `Where nobody is at it:         helm rollback ${release} -n ${systemNamespace}, then pulumi up`,
      ].join("\n");
    return undefined;
  };
}

interface Located {
  chart: string;
  version?: string;
  repositoryOpts?: { repo: string };
}

/** How a Release names a chart, by what kind of place the repository is. */
export function locate(repository: string, chart: Chart, version: string): Located {
  const base = repository.replace(/\/+$/, "");
  if (/^https?:/.test(base)) return { chart, version, repositoryOpts: { repo: base } };
  if (base.startsWith("oci:")) return { chart: `${base}/${chart}`, version };
  return { chart: `${base}/${chart}` };
}

const isTree = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As Helm merges values: trees key by key, everything else is replaced. */
export function mergeValues(values: Values, overrides: Values): Values {
  const merged = { ...values };
  for (const [key, value] of Object.entries(overrides)) {
    const mine = merged[key];
    merged[key] = isTree(mine) && isTree(value) ? mergeValues(mine, value) : value;
  }
  return merged;
}

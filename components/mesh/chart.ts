import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hasCredentials } from "../resources/credentials.js";
import { isMapping } from "../resources/mapping.js";
import { explainFailures, type Advice } from "../resources/hooks.js";
import { systemNamespace, type Chart } from "./names.js";

/** Helm values: a tree of plain data. */
export type Values = Record<string, unknown>;

/** The source of Istio's charts. */
export interface ChartSource {
  /**
   * A Helm repository's URL, an OCI registry's (`oci://…`), or a folder with a folder for each chart.
   * https://istio.io/latest/docs/ambient/install/helm/
   */
  chartRepository: pulumi.Input<string>;
  /** Istio's version, `1.31.1`, which is that of a repository's charts; those of a folder have their own. */
  version: pulumi.Input<string>;
}

export interface ChartReleaseArgs extends ChartSource {
  /** The chart's name in the repository. */
  chart: Chart;
  /** The release's name in Helm. */
  releaseName: string;
  /** The program's values. */
  values: Values;
  /** The configuration's values, merged deeply into the program's. Default: none. */
  overrides?: pulumi.Input<Values>;
}

/** Enough for an image pull on a fresh worker. */
const timeoutSeconds = 600;

/**
 * A chart as a Helm release, because Helm's three-way merge keeps what istiod writes into its webhooks
 * (https://github.com/pulumi/pulumi-kubernetes/issues/2210). A failed release is rolled back.
 */
export function chartRelease(
  name: string,
  args: ChartReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  const located = pulumi
    .all([args.chartRepository, args.version])
    .apply(([repository, version]) => {
      const found = pulumi.output(locate(repository, args.chart, version));
      // Secret also where the configuration has them in plain text.
      return hasCredentials(repository) ? pulumi.secret(found) : found;
    });
  return new k8s.helm.v3.Release(
    name,
    {
      name: args.releaseName,
      namespace: systemNamespace,
      chart: located.chart,
      version: located.version as pulumi.Output<string>,
      repositoryOpts: located.repositoryOpts as pulumi.Output<{ repo: string }>,
      // Nulls stay, and remove a chart's defaults: the provider keeps them from 4.30 on.
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
 * Advice about a release that an interrupted operation left in Helm. The provider does not adopt one that is missing in
 * the state (https://github.com/pulumi/pulumi-kubernetes/issues/2116), which is every release after an interrupted
 * `destroy`; one with an interrupted upgrade stays locked until it is rolled back
 * (https://github.com/pulumi/pulumi-kubernetes/issues/2054).
 */
export function releaseAdvice(release: string): Advice {
  return (errors) => {
    const matches = (words: RegExp) => errors.some((error) => words.test(error));
    // "re-use" by Helm 3, "reuse" by Helm 4.
    if (matches(/cannot re-?use a name that is still in use/))
      return [
        `Helm already has release ${release} in ${systemNamespace}, but it is not in this stack's state: a pulumi destroy or up was interrupted.`,
        "To continue the destroy:       pulumi destroy",
        `To continue with an up:        helm uninstall ${release} -n ${systemNamespace}, then pulumi up. Repeat for each release reported this way.`,
      ].join("\n");
    if (matches(/another operation \(install\/upgrade\/rollback\) is in progress/))
      return [
        `Helm has locked release ${release} in ${systemNamespace} for an operation that has not ended: someone else's, or that of an interrupted up.`,
        `To see which, and since when:  helm history ${release} -n ${systemNamespace}`,
        `If none is running:            helm rollback ${release} -n ${systemNamespace}, then pulumi up`,
      ].join("\n");
    return undefined;
  };
}

interface Located {
  chart: string;
  version?: string;
  repositoryOpts?: { repo: string };
}

/** A Release's reference to a chart, which depends on the kind of repository. */
export function locate(repository: string, chart: Chart, version: string): Located {
  const base = repository.replace(/\/+$/, "");
  if (/^https?:/.test(base)) return { chart, version, repositoryOpts: { repo: base } };
  if (base.startsWith("oci:")) return { chart: `${base}/${chart}`, version };
  return { chart: `${base}/${chart}` };
}

/** Merges values as Helm does: trees key by key; anything else is replaced. */
export function mergeValues(values: Values, overrides: Values): Values {
  const merged = { ...values };
  for (const [key, value] of Object.entries(overrides)) {
    const current = merged[key];
    merged[key] = isMapping(current) && isMapping(value) ? mergeValues(current, value) : value;
  }
  return merged;
}

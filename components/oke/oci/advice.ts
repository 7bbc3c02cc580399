import type { Advice } from "../../resources/hooks.js";
import { policies, refreshWithoutCluster } from "./errors.js";

/**
 * What a person can do about something in OCI that could not be made, changed or deleted.
 *
 * @param what "the network", as it is called in sentences.
 */
export function ociAdvice(what: string): Advice {
  return (errors) => {
    const text = errors.join("\n");
    if (/NotAuthorizedOrNotFound/.test(text)) {
      return [
        `OCI does not let this identity work on ${what} in the compartment of this stack (compartmentId), or somebody deleted what ${what} stands on.`,
        ...policies,
        "See which of it is missing: npm run doctor",
        `Forget what was deleted:    pulumi refresh; the cluster too: ${refreshWithoutCluster}`,
      ].join("\n");
    }
    return isLimit(text) ? limitReached(what) : undefined;
  };
}

const isLimit = (text: string) =>
  /LimitExceeded|QuotaExceeded|service limits? .*exceeded/i.test(text);

const limitReached = (what: string) =>
  [
    `The tenancy's limit for ${what} is reached.`,
    "See what is left: npm run doctor",
    "Ask for more in the console under Governance, Limits: https://docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm",
  ].join("\n");

/** What the workers were asked to be. */
export interface WorkerRequest {
  shape: string;
  availabilityDomains: readonly string[];
}

/**
 * What a person can do about a node pool that could not be made or changed.
 *
 * @param errors OCI's words, as the oci provider passes them on.
 * @returns sentences with the next command; undefined for a failure that is not known.
 */
export function nodePoolAdvice(
  errors: readonly string[],
  { shape, availabilityDomains }: WorkerRequest,
): string | undefined {
  const text = errors.join("\n");
  const domains = availabilityDomains.filter((name) => text.includes(name));
  const asked = domains.length > 0 ? `${shape} in ${domains.join(", ")}` : shape;
  if (/out of host capacity/i.test(text)) {
    return [
      domains.length > 0
        ? `OCI had no host for ${asked}.`
        : `OCI had no host for ${shape}, and does not say where; the pool may be placed in ${availabilityDomains.join(", ")}.`,
      "Nothing is wrong with the configuration; capacity comes and goes.",
      `Take another shape:   pulumi config set --path nodes.shape ${otherShape(shape)}`,
      "or smaller workers:   pulumi config set --path nodes.ocpus 1",
      "or try again later:   pulumi up",
    ].join("\n");
  }
  if (isLimit(text)) return limitReached(asked);
  if (/register timeout/i.test(text)) {
    return [
      "Workers were launched and never joined. Either their image is not made for this version of Kubernetes (nodes.os, nodes.imageId), or a rule between workers and API endpoint was changed outside of this program.",
      "See which rules differ: pulumi refresh --diff",
      "See what a worker says: https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengtroubleshooting_topic-node_troubleshooting.htm",
    ].join("\n");
  }
  return ociAdvice("the node pool")(errors);
}

const otherShape = (shape: string) =>
  shape === "VM.Standard.E5.Flex" ? "VM.Standard.E4.Flex" : "VM.Standard.E5.Flex";

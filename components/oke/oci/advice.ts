import type { Advice } from "../../resources/hooks.js";
import { policies, refreshWithoutCluster } from "./errors.js";

/**
 * Advice about a resource in OCI that could not be created, changed or deleted.
 *
 * @param what its name in sentences: "the network".
 */
export function ociAdvice(what: string): Advice {
  return (errors) => {
    const text = errors.join("\n");
    if (/NotAuthorizedOrNotFound/.test(text)) {
      return [
        `This identity lacks permission for ${what} in the stack's compartment (compartmentId), or someone deleted a resource that ${what} needs.`,
        ...policies,
        "To see which policy is missing:    npm run doctor",
        `To forget deleted resources:       pulumi refresh; if the cluster was deleted: ${refreshWithoutCluster}`,
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
    "To see what is left: npm run doctor",
    "To request an increase: Governance, Limits in the console, https://docs.oracle.com/en-us/iaas/Content/General/Concepts/servicelimits.htm",
  ].join("\n");

/** What a node pool requests from OCI. */
export interface WorkerRequest {
  shape: string;
  availabilityDomains: readonly string[];
}

/**
 * Advice about a node pool that could not be created or changed.
 *
 * @param errors the oci provider's errors, which repeat OCI's.
 * @returns sentences with the next command; undefined for an unknown failure.
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
        ? `OCI has no capacity for ${asked}.`
        : `OCI has no capacity for ${shape}, but does not report where; the pool may be placed in ${availabilityDomains.join(", ")}.`,
      "The configuration is valid; capacity changes over time.",
      `To use another shape:   pulumi config set --path nodes.shape ${otherShape(shape)}`,
      "To use smaller workers: pulumi config set --path nodes.ocpus 1",
      "To try again later:     pulumi up",
    ].join("\n");
  }
  if (isLimit(text)) return limitReached(asked);
  if (/register timeout/i.test(text)) {
    return [
      "Workers started but never joined the cluster. Either their image does not fit this Kubernetes version (nodes.os, nodes.imageId), or someone changed a network rule between workers and API endpoint.",
      "To see which rules differ:    pulumi refresh --diff",
      "To find out why on a worker:  https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengtroubleshooting_topic-node_troubleshooting.htm",
    ].join("\n");
  }
  return ociAdvice("the node pool")(errors);
}

const otherShape = (shape: string) =>
  shape === "VM.Standard.E5.Flex" ? "VM.Standard.E4.Flex" : "VM.Standard.E5.Flex";

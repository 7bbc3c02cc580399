import * as pulumi from "@pulumi/pulumi";

import { labelService } from "../resources/labels.js";
import { inNamespace, registerManifest } from "../resources/manifest.js";

/**
 * Registers the policy that productpage's waypoint enforces and, after it, the Service's label that leads requests
 * through the waypoint.
 *
 * @returns both.
 */
export function authorizeAtWaypoint(
  prefix: string,
  namespace: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const policy = registerManifest(
    prefix,
    "l7/productpage-waypoint-policy.yaml",
    inNamespace(namespace),
    options,
  );
  const label = labelService(
    prefix,
    "l7/productpage-service.yaml",
    namespace,
    pulumi.mergeOptions(options, { dependsOn: [...policy.values()] }),
  );
  return [...policy.values(), label];
}

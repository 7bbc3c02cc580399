import * as pulumi from "@pulumi/pulumi";

/**
 * Options for the children of a component: the component as parent, and its own `dependsOn`, which
 * Pulumi hands down as a wait but not as an edge in the state: without the edge, a destroy or a
 * stage back would delete the dependency first
 * (https://www.pulumi.com/docs/iac/concepts/resources/options/dependson/).
 *
 * @param extra what the child has beyond that; a `dependsOn` in it is added.
 */
export function childOptions(
  component: pulumi.ComponentResource,
  opts: pulumi.ComponentResourceOptions | undefined,
  extra: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions({ parent: component, dependsOn: opts?.dependsOn }, extra);
}

/**
 * The new one first, then the old one goes, also where a replacement is forced. Where a resource has a name of its own
 * choice, a bridged provider asks for the opposite, as if the name could not be had twice
 * (https://github.com/pulumi/pulumi-terraform/pull/465); OKE's can, and the engine prefers the option to the provider
 * (https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/).
 */
export const newOneFirst: pulumi.CustomResourceOptions = { deleteBeforeReplace: false };

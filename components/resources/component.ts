import * as pulumi from "@pulumi/pulumi";

import { sealed } from "./sealing.js";

/**
 * A component whose dependencies also become those of its children.
 *
 * Pulumi lets children wait for a component's `dependsOn`, but does not record it for them; a destroy, or a change to
 * an earlier stage, would then delete the dependency before its dependents
 * (https://www.pulumi.com/docs/iac/concepts/resources/options/dependson/).
 *
 * The component's args are not passed to Pulumi: they would be in the state a second time (the Gateway API's
 * definitions, kubeconfigs), and every existing stack would show a change.
 */
export abstract class Component extends pulumi.ComponentResource {
  private readonly dependencies: pulumi.ComponentResourceOptions["dependsOn"];

  protected constructor(
    type: string,
    name: string,
    opts: pulumi.ComponentResourceOptions | undefined,
    dependsOn: pulumi.Resource[] = [],
  ) {
    const options = pulumi.mergeOptions(opts, { dependsOn });
    super(type, name, {}, options);
    this.dependencies = options.dependsOn;
  }

  /** Encrypted values of the configuration stay encrypted in a component's outputs. */
  protected override registerOutputs(outputs: pulumi.Inputs): void {
    super.registerOutputs(sealed(outputs));
  }

  /** Options for a child: this parent, these dependencies, and `extra`, whose `dependsOn` is added. */
  protected childOptions(extra: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return pulumi.mergeOptions({ parent: this, dependsOn: this.dependencies }, extra);
  }
}

/**
 * Creates a replacement before it deletes the original. A bridged provider requests the opposite if a resource's
 * name is set (https://github.com/pulumi/pulumi-terraform/pull/465), but OKE allows the same name twice.
 * https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/
 */
export const createBeforeDelete: pulumi.CustomResourceOptions = { deleteBeforeReplace: false };

import { ToolError } from "../command-line/errors.js";
import { selectedStack } from "../stacks/pulumi.js";
import { shortName, stackConfig, type StackValues } from "../stacks/stack-config.js";
import { stackNames } from "../stacks/stack-files.js";

/** A stack's name, without organization and project, and its configuration. */
export interface StackConfig extends StackValues {
  stack: string;
}

/**
 * The configuration of the named stack, else of the selected one, else of `dev`.
 *
 * @throws ToolError if neither Pulumi nor a file has it.
 */
export async function configToExamine(named: string | undefined): Promise<StackConfig> {
  const fullName = named ?? (await selectedStack().catch(() => "dev"));
  const stack = shortName(fullName);
  const values = await stackConfig(fullName, ({ message }) => {
    const noFile = `no Pulumi.${stack}.yaml; the stacks with a file are: ${stackNames().join(", ")}.`;
    return new ToolError(
      /no stack named/.test(message)
        ? `There is no stack ${fullName}, and ${noFile} Create it with: pulumi stack init ${fullName}`
        : `${message}\nThere is ${noFile}`,
    );
  });
  return { stack, ...values };
}

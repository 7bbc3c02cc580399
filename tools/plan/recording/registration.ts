/** One resource as the program registers it with the engine. */
export interface Registration {
  urn: string;
  /** Logical name. */
  name: string;
  /** Type token, such as `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Whether a provider manages it; otherwise it is a component. */
  custom: boolean;
  /** Whether it is only read (`Resource.get`). */
  read: boolean;
  /** URN; absent at the top level. */
  parent?: string;
  /** URNs of custom resources: from `dependsOn`, where a component means its children, and from inputs. */
  dependencies: string[];
  /** URNs by input property, for properties with dependencies. */
  propertyDependencies: Record<string, string[]>;
  /** URN of the explicit provider, its own or inherited. */
  provider?: string;
  /** As sent, with `<secret>` for a secret and `<unknown>` for a value that only a deployment has. */
  inputs: Record<string, unknown>;
  /** Values of the secrets in `inputs`, by property path (`user.password`, `env[0].value`). */
  secrets: Record<string, unknown>;
  /** A component's registered outputs, written as `inputs` are. */
  outputs: Record<string, unknown>;
  /** URN. */
  deletedWith?: string;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  hideDiffs: string[];
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  /** Such as `{ create: "15m" }`. */
  customTimeouts: Partial<Record<"create" | "update" | "delete", string>>;
  import?: string;
}

export const secretPlaceholder = "<secret>";
const seal = "sealed-7d41c0b2e95f";
/**
 * Stands for an encrypted value of a stack's file: wherever it appears, that value would. It has two lines because a
 * one-line kubeconfig is a path, which is not a secret.
 */
export const sealed = `${seal}\n${seal}`;
/** Whether a text contains an encrypted value, plain or within JSON. */
export const holdsSealed = (text: string): boolean => text.includes(seal);
/** The text with `<secret>` in place of encrypted values. */
export const unsealed = (text: string): string =>
  text.replaceAll(sealed, secretPlaceholder).replaceAll(seal, secretPlaceholder);
export const unknownPlaceholder = "<unknown>";

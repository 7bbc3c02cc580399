/** One resource as the program asks the engine for it. */
export interface Registration {
  urn: string;
  /** Logical name. */
  name: string;
  /** Type token, such as `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** A resource of a provider, not a component. */
  custom: boolean;
  /** Looked up, not managed (`Resource.get`). */
  read: boolean;
  /** URN; absent at the top level. */
  parent?: string;
  /** URNs of custom resources: `dependsOn`, in which a component stands for its children, and inputs. */
  dependencies: string[];
  /** URNs by input property; only properties that depend on something. */
  propertyDependencies: Record<string, string[]>;
  /** URN of the explicit provider, own or inherited. */
  provider?: string;
  /** As sent, but `<secret>` for a secret and `<unknown>` for what only a deployment has. */
  inputs: Record<string, unknown>;
  /** What the secrets in `inputs` are, by property path (`user.password`, `env[0].value`). */
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
 * What the program gets for an encrypted value of a stack's file: where it shows, that value would. Two
 * lines, since a kubeconfig's path, which is no secret, has one.
 */
export const sealed = `${seal}\n${seal}`;
/** Whether an encrypted value is in a text, as it is or within JSON. */
export const holdsSealed = (text: string): boolean => text.includes(seal);
/** The text with `<secret>` for what is encrypted. */
export const unsealed = (text: string): string =>
  text.replaceAll(sealed, secretPlaceholder).replaceAll(seal, secretPlaceholder);
export const unknownPlaceholder = "<unknown>";

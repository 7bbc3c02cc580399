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
export const unknownPlaceholder = "<unknown>";

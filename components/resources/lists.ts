interface Item {
  metadata?: Record<string, unknown> & { annotations?: Record<string, string> };
  [key: string]: unknown;
}

/** What the API server writes itself: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const serverFields = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The objects of a List, as `kubectl get -o yaml` prints it, as they were before a cluster stored them; undefined for
 * another object. An item of a typed list, such as a CustomResourceDefinitionList, may lack its kind.
 */
export function itemsOf(object: unknown): unknown[] | undefined {
  const { apiVersion, kind, items } = (object ?? {}) as Record<string, unknown>;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return undefined;
  const itemKind = kind.slice(0, -"List".length);
  return (items as Item[]).map((item) => {
    const { metadata, ...stored } = item;
    const rest = Object.fromEntries(Object.entries(stored).filter(([key]) => key !== "status"));
    const typed = itemKind === "" ? rest : { apiVersion, kind: itemKind, ...rest };
    return metadata ? { ...typed, metadata: withoutServerFields(metadata) } : typed;
  });
}

function withoutServerFields({
  annotations = {},
  ...metadata
}: NonNullable<Item["metadata"]>): Item["metadata"] {
  const kept = Object.entries(annotations).filter(([name]) => name !== lastApplied);
  const fields = Object.entries(metadata).filter(([name]) => !serverFields.includes(name));
  return {
    ...Object.fromEntries(fields),
    ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
  };
}

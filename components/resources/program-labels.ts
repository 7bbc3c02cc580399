/** Labels by which objects that the program has created are recognized on a shared cluster. */
export const programLabels = { "app.kubernetes.io/managed-by": "oke-ambient-mesh" };

/** Whether an object with these labels is one that the program has created. */
export const hasProgramLabels = (labels: Record<string, string> | undefined): boolean =>
  Object.entries(programLabels).every(([key, value]) => labels?.[key] === value);

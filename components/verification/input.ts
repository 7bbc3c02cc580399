import * as z from "zod";

import { stages } from "../settings/types.js";

/** What a verification works from; as JSON it is what the graph's last resource gives on stdin. */
export const verifyInput = z.object({
  /** What the report calls it: `stack dev`, `sandbox`. */
  target: z.string(),
  stage: z.enum(stages),
  /** Of Bookinfo and its clients. */
  namespace: z.string(),
  /** Share of reviews' answers that v2 gives, in percent. */
  v2Percent: z.number().int().min(0).max(100),
  /** Workers that must be Ready; the cluster may have more. */
  workers: z.number().int().min(1),
  /** How long the mesh may take to settle, unless whoever verifies says otherwise. */
  settleSeconds: z.number().int().min(0).optional(),
  /** Text or path; the one that kubectl would use where there is none. A text is a secret. */
  kubeconfig: z.string().optional(),
  /** Context in it; the current one where none is named. */
  context: z.string().optional(),
});
export type VerifyInput = z.infer<typeof verifyInput>;

import * as z from "zod";

import { stages } from "../settings/types.js";

/** A verification's input; the component `Verification` passes it as JSON on stdin. */
export const verifyInput = z.object({
  /** The cluster's name in the report: `stack dev`, `sandbox`. */
  target: z.string(),
  stage: z.enum(stages),
  /** Name of the namespace of Bookinfo and its clients. */
  namespace: z.string(),
  /** Percentage of requests for reviews that v2 answers. */
  v2Percent: z.number().int().min(0).max(100),
  /** Whether Prometheus and Kiali are deployed. Default: false. */
  observability: z.boolean().optional(),
  /** The fields of istiod's mesh configuration that must be in force. Default: none. */
  meshConfig: z.record(z.string(), z.unknown()).optional(),
  /** Number of workers that must be Ready; the cluster may have more. */
  workers: z.number().int().min(1),
  /** Seconds that the mesh may take to settle; an option on the command line has precedence. */
  settleSeconds: z.number().int().min(0).optional(),
  /** Kubeconfig as text, which is secret, or path. Default: the one that kubectl uses. */
  kubeconfig: z.string().optional(),
  /** A context of the kubeconfig. Default: its current one. */
  context: z.string().optional(),
  /** Whether kubeconfig and context are encrypted settings, which the output does not show. Default: false. */
  isSecret: z.boolean().optional(),
});
export type VerifyInput = z.infer<typeof verifyInput>;

import * as pulumi from "@pulumi/pulumi";

/** Limits of a flexible shape: https://docs.oracle.com/en-us/iaas/Content/Compute/References/computeshapes.htm#flexible */
export interface FlexLimits {
  maxOcpus: number;
  maxMemoryGb: number;
}

const flexShapes: Record<string, FlexLimits> = {
  "VM.Standard3.Flex": { maxOcpus: 32, maxMemoryGb: 512 },
  "VM.Standard.E3.Flex": { maxOcpus: 64, maxMemoryGb: 1024 },
  "VM.Standard.E4.Flex": { maxOcpus: 64, maxMemoryGb: 1024 },
  "VM.Standard.E5.Flex": { maxOcpus: 94, maxMemoryGb: 1049 },
  "VM.Optimized3.Flex": { maxOcpus: 18, maxMemoryGb: 256 },
};

/** Memory per OCPU that a flexible shape allows. */
export const memoryPerOcpuGb = { min: 1, max: 64 } as const;

/** Whether the shape's OCPUs and memory are configurable. */
export const isFlexible = (shape: string): boolean => shape.endsWith(".Flex");

/** Limits of a flexible shape; wide ones for a shape that the table lacks, so that new shapes are accepted. */
export function flexLimits(shape: string): FlexLimits {
  return flexShapes[shape] ?? { maxOcpus: 126, maxMemoryGb: 2048 };
}

/** Why the program's images, x86_64 without GPU drivers, do not fit the shape. */
export function unsuitableShape(
  shape: string,
): "an Ampere (aarch64) shape" | "a GPU shape" | undefined {
  if (/GPU/i.test(shape)) return "a GPU shape";
  return /^(VM|BM)\.Standard\.A\d+\b/.test(shape) ? "an Ampere (aarch64) shape" : undefined;
}

/** The region has no such shape. */
export function shapeMissing(shape: string, offered: readonly string[]): pulumi.RunError {
  const suitable = offered.filter((name) => isFlexible(name) && !unsuitableShape(name)).sort();
  return new pulumi.RunError(
    [
      `nodes.shape = ${shape}: OKE does not offer it in this region.`,
      `Offered flexible x86_64 shapes: ${suitable.join(", ") || "none"}.`,
      `Next: pulumi config set --path nodes.shape ${suitable[0] ?? "<shape>"}`,
    ].join("\n"),
  );
}

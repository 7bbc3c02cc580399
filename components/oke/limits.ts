/** The settings that decide how much of the limits a stack needs. */
export interface Wanted {
  nodes: { shape: string; ocpus: number; memoryGb: number; count: number };
  gateway: { serviceType: string };
}

/** What an `up` creates of the parts that a tenancy limits. */
export interface Created {
  network: boolean;
  cluster: boolean;
  pool: boolean;
  loadBalancer: boolean;
}

/** A service limit and how much of it the program needs. */
export interface Need {
  part: keyof Created;
  /** `OCPUs of VM.Standard.E4.Flex`. */
  what: string;
  service: string;
  limit: string;
  count: number;
  /** Whether the limit applies to each availability domain. */
  perDomain: boolean;
}

/** What a need is left of. */
export interface Availability {
  left: number;
  /** How many answers had a number. */
  known: number;
  /** How many had none. */
  unknown: number;
  /** The error of one that failed. */
  error?: unknown;
}

/** Asks how many are left; undefined if OCI does not report it. The domain is given for a limit of each domain. */
export type AskAvailable = (
  need: Need,
  availabilityDomain?: string,
) => Promise<number | string | null | undefined>;

/** Limits of a shape's OCPUs and memory: https://docs.oracle.com/en-us/iaas/Content/Quotas/Concepts/resourcequotas_topic-Compute_Quotas.htm */
const shapeLimits: Record<string, { ocpus: string; memory: string }> = {
  "VM.Standard3.Flex": { ocpus: "standard3-core-count", memory: "standard3-memory-count" },
  // The name without `-ad` is an older, regional limit.
  "VM.Standard.E3.Flex": { ocpus: "standard-e3-core-ad-count", memory: "standard-e3-memory-count" },
  "VM.Standard.E4.Flex": { ocpus: "standard-e4-core-count", memory: "standard-e4-memory-count" },
  "VM.Standard.E5.Flex": { ocpus: "standard-e5-core-count", memory: "standard-e5-memory-count" },
  "VM.Standard.E6.Flex": { ocpus: "standard-e6-core-count", memory: "standard-e6-memory-count" },
  "VM.Optimized3.Flex": { ocpus: "optimized3-core-count", memory: "optimized3-memory-count" },
};

/** Whether {@link needsOf} knows the limits of a shape. */
export const hasKnownLimits = (shape: string): boolean => shape in shapeLimits;

/** What to do about a limit that is used up. */
export const increase =
  "Request an increase in the console under Governance, Limits, Quotas and Usage, or free some. To use another shape: pulumi config set --path nodes.shape <shape>";

/** What one stack needs of the tenancy's limits, as far as their names are known. */
export function needsOf({ nodes, gateway }: Wanted): Need[] {
  const limits = shapeLimits[nodes.shape];
  const compute = (what: string, limit: string, each: number): Need => ({
    part: "pool",
    what: `${what} of ${nodes.shape}`,
    service: "compute",
    limit,
    count: each * nodes.count,
    perDomain: true,
  });
  return [
    ...(limits
      ? [
          compute("OCPUs", limits.ocpus, nodes.ocpus),
          compute("GB of memory", limits.memory, nodes.memoryGb),
        ]
      : []),
    ...(gateway.serviceType === "LoadBalancer"
      ? [regional("loadBalancer", "load balancers", "load-balancer", "lb-flexible-count")]
      : []),
    regional("network", "VCNs", "vcn", "vcn-count"),
    regional("cluster", "OKE clusters", "container-engine", "cluster-count"),
  ];
}

const regional = (part: Need["part"], what: string, service: string, limit: string): Need => ({
  ...{ part, what, service, limit },
  count: 1,
  perDomain: false,
});

/**
 * How much is left of a need's limit. Workers spread over the availability domains, so their limits are added up.
 *
 * @param domains names of the availability domains.
 */
export async function availabilityOf(
  need: Need,
  domains: readonly string[],
  ask: AskAvailable,
): Promise<Availability> {
  const answers = await Promise.all(
    (need.perDomain ? domains : [undefined]).map(async (domain) => {
      try {
        const available = await ask(need, domain);
        // The provider's functions answer with a text.
        const isMissing = available === undefined || available === null || available === "";
        return isMissing ? {} : { available: Number(available) };
      } catch (error) {
        return { error };
      }
    }),
  );
  const numbers = answers.flatMap(({ available }) => available ?? []);
  return {
    left: numbers.reduce((sum, one) => sum + one, 0),
    known: numbers.length,
    unknown: answers.length - numbers.length,
    error: answers.find(({ error }) => error !== undefined)?.error,
  };
}

/** `1 left, 2 needed (compute: standard-e4-core-count)`, if all answers are known and they are too few. */
export function shortage(
  { count, service, limit }: Need,
  { left, known, unknown }: Availability,
): string | undefined {
  if (known === 0 || unknown > 0 || left >= count) return undefined;
  return `${left} left, ${count} needed (${service}: ${limit})`;
}

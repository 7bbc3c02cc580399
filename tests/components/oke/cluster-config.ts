/** The configuration of a cluster alone. */
export const clusterConfig = {
  compartmentId: "ocid1.compartment.oc1..aaaa",
  network: { apiAllowedCidrs: ["203.0.113.7/32"] },
  stage: "cluster",
  verify: false,
};

/** By which the program finds what stack `dev` has. */
export const stackTags = { "oke-ambient-mesh-stack": "dev" };

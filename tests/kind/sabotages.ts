/** A change by hand that breaks the mesh. */
export interface Sabotage {
  what: string;
  /** Arguments of `kubectl`. */
  by: string[];
  /** Ids of exactly the expected results that must turn red. */
  red: string[];
}

/** At stage `traffic`, in namespace `default`. */
export const sabotages: readonly Sabotage[] = [
  {
    what: "the waypoint's policy deleted",
    by: ["delete", "authorizationpolicy", "productpage-waypoint", "--namespace", "default"],
    // Without a policy the waypoint admits every client and every method.
    red: ["notsleep-direct-get", "sleep-gateway-delete", "waypoint-policy-accepted"],
  },
  {
    what: "the label ingress-use-waypoint removed",
    by: [
      ...["label", "service", "productpage", "--namespace", "default"],
      "istio.io/ingress-use-waypoint-",
    ],
    // The gateway bypasses the waypoint, and ztunnel admits only the waypoint.
    red: ["productpage-bound", "sleep-gateway-delete", "sleep-gateway-get"],
  },
];

import * as pulumi from "@pulumi/pulumi";

import { Bookinfo } from "./components/bookinfo/bookinfo.js";
import { Clients } from "./components/bookinfo/clients.js";
import { Routes } from "./components/bookinfo/routes.js";
import { existingCluster } from "./components/existing.js";
import { Ambient } from "./components/mesh/ambient.js";
import { GatewayApi } from "./components/mesh/gateway-api.js";
import { loadGatewayApi } from "./components/mesh/gateway-api-bundle.js";
import { IngressGateway } from "./components/mesh/ingress-gateway.js";
import { IstioBase } from "./components/mesh/istio-base.js";
import { Cluster } from "./components/oke/cluster.js";
import { Network } from "./components/oke/network.js";
import { NodePool } from "./components/oke/node-pool.js";
import { loadSettings, reaches } from "./components/settings.js";
import { Enrolment } from "./components/traffic/enrolment.js";
import { ProductpageAuthorization } from "./components/traffic/authorization.js";
import { ReviewsSplit } from "./components/traffic/reviews-split.js";
import { Waypoint } from "./components/traffic/waypoint.js";

/** The whole environment as one graph; what a stage leaves out is not registered. */
export default async function okeAmbientMesh(): Promise<Record<string, unknown>> {
  const settings = loadSettings();
  const at = reaches(settings.stage);
  // …
  return {};
}

import type { ControlPlane, ControlPlaneProcess } from "../control-plane/index.js";
import { notFound } from "../oci/state/errors.js";
import type { Extension } from "../oci/http/endpoint.js";

/**
 * Stops and starts parts of the control plane, for tests: `GET /emulator/parts` lists the parts, `POST /emulator/parts`
 * with `{ name, running }` stops or starts one.
 */
export function parts(controlPlane: ControlPlane): Extension {
  return (method, path, text) => {
    if (path !== "/emulator/parts") return undefined;
    return (async () => {
      if (method === "GET") return { status: 200, body: controlPlane.status() };
      if (method !== "POST") throw notFound();
      const { name, running } = JSON.parse(text) as { name: ControlPlaneProcess; running: boolean };
      await (running ? controlPlane.startPart(name) : controlPlane.stopPart(name));
      return { status: 204 };
    })();
  };
}

import type { ControlPlaneProcess } from "../../emulator/control-plane/index.js";
import { apiKey, compartmentId } from "../../emulator/oci/tenancy/identity.js";
import { ociFolder } from "../../emulator/daemon/client.js";
import type { Fault } from "../../emulator/oci/state/faults.js";
import type { OperationType } from "../../emulator/oci/state/work-requests.js";
import { stateDir } from "../../tools/paths.js";
import { readPorts } from "../../emulator/processes/ports.js";
import { ask } from "../oci-request.js";

/** An OCI resource with its kind. */
export interface OciItem {
  kind: string;
  id: string;
  displayName?: string;
  name?: string;
  freeformTags?: Record<string, string>;
  lifecycleState: string;
}

/** A client of a running sandbox's OCI endpoint, by its control API and its REST API. */
export class SandboxOci {
  constructor(private readonly sandbox: string) {}

  /** All resources that are not deleted. */
  async live(kind?: string): Promise<OciItem[]> {
    const all = await this.send<OciItem[]>("GET", "/emulator/resources");
    return all.filter(
      (item) => item.lifecycleState !== "DELETED" && (kind === undefined || item.kind === kind),
    );
  }

  /** Makes requests fail. */
  async plant(fault: Fault): Promise<void> {
    await this.send("POST", "/emulator/faults", fault);
  }

  /** The injected faults; `times` is how often each will still occur. */
  faults(): Promise<Fault[]> {
    return this.send("GET", "/emulator/faults");
  }

  /** Removes all injected faults. */
  async clearFaults(): Promise<void> {
    await this.send("DELETE", "/emulator/faults");
  }

  /** @param factor 1: OCI's usual time for that operation; 0: none. Also applies to operations in progress. */
  async latency(operation: OperationType, factor: number): Promise<void> {
    await this.send("PUT", "/emulator/latency", { operation, factor });
  }

  /** Stops or starts a part of the control plane. */
  async part(name: ControlPlaneProcess, running: boolean): Promise<void> {
    await this.send("POST", "/emulator/parts", { name, running });
  }

  /** Creates a load balancer with these tags in a separate network. */
  async loadBalancer(displayName: string, freeformTags: Record<string, string>): Promise<string> {
    const shared = { compartmentId, displayName };
    const vcn = await this.send<OciItem>("POST", "/20160918/vcns", {
      ...shared,
      cidrBlocks: ["192.168.0.0/16"],
    });
    const subnet = await this.send<OciItem>("POST", "/20160918/subnets", {
      ...shared,
      vcnId: vcn.id,
      cidrBlock: "192.168.0.0/24",
    });
    await this.send("POST", "/20170115/loadBalancers", {
      ...shared,
      freeformTags,
      shapeName: "flexible",
      subnetIds: [subnet.id],
    });
    const made = (await this.live("loadbalancer")).find((item) => item.displayName === displayName);
    return made?.id ?? "";
  }

  /** Deletes a resource and waits until it is gone. */
  async remove(path: string, id: string): Promise<void> {
    await this.send("DELETE", `${path}/${id}`);
    for (let tries = 0; tries < 60; tries++) {
      if (!(await this.live()).some((item) => item.id === id)) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`${id} was not deleted within 30 s`);
  }

  /** Sends a request, signed unless it is for the control API. */
  private async send<T>(method: string, target: string, content?: unknown): Promise<T> {
    const url = `http://127.0.0.1:${readPorts(stateDir(this.sandbox)).oci}`;
    const key = target.startsWith("/emulator/")
      ? undefined
      : apiKey(ociFolder(stateDir(this.sandbox)));
    const { status, body, text } = await ask<T>(url, key, method, target, content);
    if (status >= 300) throw new Error(`${method} ${target}: ${status} ${text}`);
    return body;
  }
}

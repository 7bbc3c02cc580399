import { get } from "node:http";
import { connect } from "node:tls";

import { Api } from "./api.js";
import type { PartContext, PartName } from "./parts.js";

/** Whether a part passes its health check. */
export async function isServing(part: PartName, context: PartContext): Promise<boolean> {
  const { ports, certificates } = context;
  const checks: Record<PartName, [port: number, path: string]> = {
    etcd: [ports.etcdClient, "/readyz"],
    apiserver: [ports.apiserver, "/readyz"],
    controllerManager: [ports.controllerManager, "/healthz"],
    scheduler: [ports.scheduler, "/healthz"],
    kwok: [ports.kwok, "/healthz"],
  };
  const [port, path] = checks[part];
  const user = part === "etcd" ? certificates.etcdClient : certificates.admin;
  const api = new Api(`https://127.0.0.1:${port}`, certificates.ca, user);
  try {
    return await api.answers(path);
  } finally {
    api.close();
  }
}

/** Whether a plain HTTP request returns 200. */
export function answersOk(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get({ host: "127.0.0.1", port, path, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.once("timeout", () => call.destroy());
    call.once("error", () => resolve(false));
  });
}

/** Whether a TLS handshake with the port succeeds. */
export function speaksTls(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // The API server verifies the certificate, by the webhook's caBundle.
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, timeout: 1_000 });
    const done = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("secureConnect", () => done(true));
    socket.once("timeout", () => done(false));
    socket.once("error", () => done(false));
  });
}

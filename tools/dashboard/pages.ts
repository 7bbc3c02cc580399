import { ingress, systemNamespace } from "../../components/mesh/names.js";
import type { Service } from "./pods.js";

export const pageNames = ["kiali", "prometheus", "page"] as const;
export type PageName = (typeof pageNames)[number];

/** Within a sentence. */
export const titles: Record<PageName, string> = {
  kiali: "Kiali",
  prometheus: "Prometheus",
  page: "the product page",
};

/** A page that is shown over a port-forward. */
export interface Page {
  /** In messages: `Kiali`. */
  title: string;
  service: Service;
  /** Of the URL. */
  path: string;
  /** The setting without which its Pod does not exist, as `key value`. */
  setting: string;
}

/** @param namespace of the application. */
export function pageOf(name: PageName, namespace: string): Page {
  const graph = new URLSearchParams({
    namespaces: namespace,
    graphType: "versionedApp",
    duration: "300",
    refresh: "15000",
  });
  const pages: Record<PageName, Page> = {
    kiali: {
      title: titles.kiali,
      service: { namespace: systemNamespace, name: "kiali", port: 20001 },
      path: `/kiali/console/graph/namespaces?${graph}`,
      setting: "observability true",
    },
    prometheus: {
      title: titles.prometheus,
      service: { namespace: systemNamespace, name: "prometheus", port: 9090 },
      path: "/",
      setting: "observability true",
    },
    page: {
      title: "The product page",
      service: { namespace: systemNamespace, name: ingress.name, port: 80 },
      path: "/productpage",
      setting: "stage traffic",
    },
  };
  return pages[name];
}

/** The command that deploys what a page needs. */
export function remedyOf({ setting }: Page, from: { stack: string } | { sandbox: string }): string {
  const [key = "", value = ""] = setting.split(" ");
  if ("sandbox" in from) {
    const option = key === "stage" ? `--stage ${value}` : `--config ${key}=${value}`;
    const name = from.sandbox === "sandbox" ? "" : ` --name ${from.sandbox}`;
    return `npm run -s sandbox -- up${name} ${option}`;
  }
  const stack = `--stack ${from.stack}`;
  return `pulumi config set ${key} ${value} ${stack} && pulumi up ${stack}`;
}

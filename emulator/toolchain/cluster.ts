import { cpSync, chmodSync, linkSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { root } from "../host/files.js";
import { type GoBuild, type Step, buildFiles, goBuild } from "./build.js";
import { type BuildInputs } from "./cache.js";
import { go } from "./go.js";
import { readPins } from "./pins.js";
import { compilerFlags } from "./standard-library.js";

/** The Go module that pins the control plane's parts. */
export const clusterModule = join(root, "emulator", "go");

/** Versions of the parts that the module requires. */
export function clusterVersions(): Record<string, string> {
  const pin = readPins(join(clusterModule, "go.mod"));
  return {
    kubernetes: pin("k8s.io/kubernetes"),
    etcd: pin("go.etcd.io/etcd/server/v3"),
    kwok: pin("sigs.k8s.io/kwok"),
    helm: pin("helm.sh/helm/v4"),
    istio: pin("istio.io/istio"),
    gatewayApi: pin("sigs.k8s.io/gateway-api"),
  };
}

/** The programs in the executable, which runs the one whose name it is called by. */
export const programs = [
  "etcd",
  "helm",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "pilot-discovery",
];

function clusterBuild(): GoBuild {
  const { kubernetes = "", kwok = "", helm = "", istio = "" } = clusterVersions();
  const [major = "", minor = ""] = kubernetes.slice(1).split(".");
  const revision = istio.split("-").at(-1) ?? istio;
  const base = "k8s.io/component-base/version";
  return {
    module: clusterModule,
    packages: ["./cmd/control-plane"],
    // Istio's own: https://github.com/istio/istio/blob/1.31.1/Makefile.core.mk
    tags: ["vtprotobuf", "disable_pgv"],
    variables: {
      [`${base}.gitVersion`]: kubernetes,
      [`${base}.gitMajor`]: major,
      [`${base}.gitMinor`]: minor,
      [`${base}.gitTreeState`]: "clean",
      "sigs.k8s.io/kwok/pkg/consts.Version": kwok,
      "helm.sh/helm/v4/internal/version.version": helm,
      "istio.io/istio/pkg/version.buildVersion": `1.31-${revision}`,
      "istio.io/istio/pkg/version.buildGitRevision": revision,
    },
  };
}

/** The inputs of the control plane's build. */
export function clusterInputs(): BuildInputs {
  const { packages, tags, variables } = clusterBuild();
  return {
    files: buildFiles(clusterModule, join("cmd", "control-plane")).map((file) =>
      join(clusterModule, file),
    ),
    settings: [compilerFlags, packages, tags, variables, programs, charts, stages],
  };
}

/** Builds the executables into `folder`/bin and copies the modules' data files into `folder`. */
export async function buildCluster(folder: string, step: Step): Promise<void> {
  const bin = join(folder, "bin");
  await goBuild(clusterBuild(), bin, step);
  // Hard links: unlike symbolic links, they appear under the program's name in process lists.
  const executable = join(bin, "control-plane");
  for (const program of programs) linkSync(executable, join(bin, program));
  rmSync(executable);
  const istio = join(await moduleFolder("istio.io/istio"), "manifests", "charts");
  for (const [name, from] of Object.entries(charts))
    copy(join(istio, from), join(folder, "charts", name));
  const gatewayApi = join(
    await moduleFolder("sigs.k8s.io/gateway-api"),
    "config",
    "crd",
    "standard",
  );
  copy(gatewayApi, join(folder, "gateway-api"));
  const kwok = join(await moduleFolder("sigs.k8s.io/kwok"), "kustomize", "stage");
  mkdirSync(join(folder, "kwok"));
  for (const file of stages) copy(join(kwok, file), join(folder, "kwok", basename(file)));
}

/** Paths of the stage files in a built folder. */
export function stageFiles(folder: string): string[] {
  return stages.map((file) => join(folder, "kwok", basename(file)));
}

// By their names at https://istio-release.storage.googleapis.com/charts, and their folders in the module.
const charts: Record<string, string> = {
  base: "base",
  istiod: join("istio-control", "istio-discovery"),
  cni: "istio-cni",
  ztunnel: "ztunnel",
  gateway: "gateway",
};

// https://kwok.sigs.k8s.io/docs/user/stages-configuration/
const stages = [
  "node/fast/node-initialize.yaml",
  "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "pod/fast/pod-ready.yaml",
  "pod/fast/pod-complete.yaml",
  "pod/fast/pod-delete.yaml",
];

async function moduleFolder(module: string): Promise<string> {
  const output = await go({ cwd: clusterModule, args: ["mod", "download", "-json", module] });
  return (JSON.parse(output) as { Dir: string }).Dir;
}

// Go's module cache is read-only; a read-only copy could not be removed.
function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const unlock = (path: string) => {
    const folder = statSync(path).isDirectory();
    chmodSync(path, folder ? 0o755 : 0o644);
    if (folder) for (const entry of readdirSync(path)) unlock(join(path, entry));
  };
  unlock(to);
}

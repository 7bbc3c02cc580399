/** One entry of `getNodePoolOption().sources`. */
export interface ImageSource {
  imageId: string;
  sourceName: string;
}

/** The parts of the name of an x86_64 image without GPU drivers. */
export interface Image {
  id: string;
  name: string;
  /** Release of Oracle Linux: `8.10`. */
  os: string;
  /** `2026.06.15`. */
  date: string;
  /** Number of the image within its day. */
  sequence: number;
  /** `v1.34.2` for an OKE image; a platform image is for any. */
  kubernetes?: string;
  /** Oracle's build number; an OKE image has one. */
  build: number;
}

/** `Oracle-Linux-<os>[-aarch64|-Gen2-GPU]-<date>-<n>[-OKE-<version>-<build>]`: https://docs.oracle.com/en-us/iaas/images/ */
const grammar =
  /^Oracle-Linux-(?<os>\d+\.\d+)-(?<date>\d{4}\.\d{2}\.\d{2})-(?<sequence>\d+)(?:-OKE-(?<kubernetes>\d+\.\d+\.\d+)-(?<build>\d+))?$/;

/** A source by its name; undefined for aarch64, GPU and any other image that is not plain Oracle Linux. */
export function parseImage({ imageId, sourceName }: ImageSource): Image | undefined {
  const groups = grammar.exec(sourceName)?.groups;
  if (!groups) return undefined;
  const { os = "", date = "", sequence, kubernetes, build } = groups;
  return {
    id: imageId,
    name: sourceName,
    os,
    date,
    sequence: Number(sequence),
    ...(kubernetes !== undefined && { kubernetes: `v${kubernetes}` }),
    build: Number(build ?? 0),
  };
}

/** The newest by date, then by the day's count, then by build. */
export function newestImage(images: readonly Image[]): Image | undefined {
  return [...images].sort(
    (a, b) => b.date.localeCompare(a.date) || b.sequence - a.sequence || b.build - a.build,
  )[0];
}

/** The release of Oracle Linux in any image's name, including those that {@link parseImage} ignores. */
export function releaseOf(sourceName: string): string | undefined {
  return /^Oracle-Linux-(\d+\.\d+)-/.exec(sourceName)?.[1];
}

/** The version of Kubernetes that an OKE image is made for (`v1.34.2`), by any image's name; undefined for others. */
export function kubernetesOf(sourceName: string): string | undefined {
  const version = /-OKE-(\d+\.\d+\.\d+)-/.exec(sourceName)?.[1];
  return version && `v${version}`;
}

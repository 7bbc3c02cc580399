import { palette } from "../picture/svg.js";
import type { Request } from "./path.js";

/** Below the picture: only what it has. */
export function legend(y: number, requests: Request[]): string {
  const hops = requests.flatMap((request) => request.hops);
  const decides = hops.some(({ admits }) => admits !== undefined);
  const secure = hops.some(({ proxy }) => proxy === "server's ztunnel");
  const way = (kind: string) =>
    `<path class="way ${kind}" d="M0 -4h26" marker-end="url(#${kind})"/>`;
  const circle = (kind: string) => `<circle class="${kind}" cx="9" cy="-4" r="8"/>`;
  const parts: [mark: string, width: number, text: string][] = [[way("plain"), 36, "plain HTTP"]];
  if (secure) parts.push([way("secure"), 36, "mutual TLS (HBONE)"]);
  if (decides) {
    parts.push([circle("admitted"), 24, "admitted by the policy"]);
    parts.push([circle("refused"), 24, "refused"]);
  }
  let x = 16;
  return parts
    .map(([mark, markWidth, text]) => {
      const part = `<g transform="translate(${x} ${y})">${mark}<text class="small" x="${markWidth}" y="0">${text}</text></g>`;
      x += markWidth + text.length * 6.4 + 26;
      return part;
    })
    .join("");
}

export const markers = `<defs>${["plain", "secure"]
  .map(
    (kind) =>
      `<marker id="${kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0.5L8 4L0 7.5Z"/></marker>`,
  )
  .join("")}</defs>`;

export const style = palette(
  (color) => `text{fill:${color.text}}
.page{fill:${color.page}}
.stage{font-size:16px;font-weight:600}
.number{fill:${color.accent}}
.title{font-size:12px;font-weight:600;fill:${color.muted}}
.box{fill:${color.column};stroke:${color.line}}
.unused{stroke-dasharray:3 3;fill:none}
.proxy{fill:${color.proxy};stroke:${color.proxyLine}}
.proxy.decides{stroke:${color.accent};stroke-width:2}
.name{font-size:13px;font-weight:600}
.proxy-name{font-size:12.5px;font-weight:600;fill:${color.proxyText}}
.text{font-size:12.5px;fill:${color.muted}}
.small{font-size:12px;fill:${color.muted}}
.share{font-weight:400}
.good{fill:${color.good};font-weight:600}
.bad{fill:${color.bad};font-weight:600}
.way{fill:none;stroke:${color.edge};stroke-width:1.5}
.way.secure{stroke:${color.secure};stroke-width:3}
.head{fill:${color.edge}}
.head.secure{fill:${color.secure}}
.admitted{fill:${color.good}}
.refused{fill:${color.bad}}
.sign{fill:none;stroke:${color.page};stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}`,
);

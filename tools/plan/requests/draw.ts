import { stages } from "../../../components/settings/settings.js";
import { escape } from "../picture/svg.js";
import type { Hop, Request, RequestPaths } from "./path.js";
import { legend, markers, style } from "./style.js";

/** The width at which GitHub shows a README's pictures, so that text keeps its size. */
const width = 830;
const rowHeight = 46;
const boxHeight = 38;
const top = 76;
/** Between the requests for one Service and those for the next. */
const groupGap = 26;
const versionHeight = 34;

type Column = "client" | Hop["proxy"] | "service";
/** Left edge and width of each column; the gateway stands where the other clients' ztunnel does. */
const columns: Record<Column, { x: number; width: number; title: string }> = {
  client: { x: 16, width: 156, title: "client and answer" },
  gateway: { x: 208, width: 120, title: "its proxy" },
  "client's ztunnel": { x: 208, width: 120, title: "its proxy" },
  waypoint: { x: 368, width: 148, title: "waypoint" },
  "server's ztunnel": { x: 554, width: 104, title: "the Pod’s proxy" },
  service: { x: 696, width: 118, title: "Service" },
};

const answers: Record<Request["answer"], string> = {
  page: "200",
  reset: "connection reset",
  denied: "403 denied",
};

interface Row extends Request {
  /** Middle of the row. */
  y: number;
}

/** The ways of a stage's requests as an SVG picture. Follows the reader's color scheme. */
export function drawRequests({ stage, requests, services, decisions }: RequestPaths): string {
  const groups = services.map(({ name, versions }) => ({
    name,
    versions,
    rows: requests.filter(({ service }) => service === name),
  }));
  let y = top;
  const rows: Row[] = [];
  const ends: string[] = [];
  for (const { name, versions, rows: asked } of groups) {
    const height = Math.max(
      asked.length * rowHeight,
      versions.length > 1 ? versions.length * versionHeight + 26 : 0,
    );
    const first = y + (height - asked.length * rowHeight) / 2 + rowHeight / 2;
    const placed = asked.map((request, i) => ({ ...request, y: first + i * rowHeight }));
    rows.push(...placed);
    ends.push(...drawService(name, versions, { y, height, rows: placed }));
    y += height + groupGap;
  }
  const captions = y + 8;
  const height = captions + decisions.length * 19 + 34;
  const number = stages.indexOf(stage) + 1;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">The way of a request at stage ${stage}</title>`,
    `<desc id="desc">${escape([...requests.map(inWords), ...decisions].join(" "))}</desc>`,
    style,
    markers,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    `<text class="stage" x="16" y="30"><tspan class="number">${number}</tspan> ${stage}</text>`,
    ...titles(requests),
    ...bars(rows),
    ...ends,
    ...rows.flatMap(drawRow),
    ...decisions.map(
      (text, i) => `<text class="text" x="16" y="${captions + 6 + i * 19}">${escape(text)}</text>`,
    ),
    legend(height - 16, requests),
    "</svg>",
  ].join("\n")}\n`;
}

const inWords = ({ client, method, service, hops, answer }: Request) =>
  `${client}, ${method} ${service}${hops.map(({ name }) => `, ${name}`).join("")}: ${answers[answer]}.`;

function titles(requests: Request[]): string[] {
  const used = new Set<Column>(requests.flatMap(({ hops }) => hops.map(({ proxy }) => proxy)));
  const shown = (["client", "gateway", "waypoint", "server's ztunnel", "service"] as const).filter(
    (column) => column === "client" || column === "service" || used.has(column),
  );
  return shown.map((column) => {
    const { x, title } = columns[column];
    return `<text class="title" x="${x}" y="58">${title}</text>`;
  });
}

/** One box for each proxy, as high as the rows that pass it. */
function bars(rows: Row[]): string[] {
  const passing = new Map<string, { hop: Hop; rows: Row[] }>();
  for (const row of rows) {
    for (const hop of row.hops) {
      const key = `${hop.proxy} ${hop.name}`;
      const bar = passing.get(key) ?? { hop, rows: [] };
      bar.rows.push(row);
      passing.set(key, bar);
    }
  }
  return [...passing.values()].flatMap(({ hop, rows: inBar }) => {
    const { x, width: barWidth } = columns[hop.proxy];
    const first = Math.min(...inBar.map(({ y }) => y)) - boxHeight / 2;
    const last = Math.max(...inBar.map(({ y }) => y)) + boxHeight / 2;
    const decides = inBar.some(({ hops }) =>
      hops.some(
        ({ proxy, name, admits }) =>
          proxy === hop.proxy && name === hop.name && admits !== undefined,
      ),
    );
    return [
      `<rect class="proxy${decides ? " decides" : ""}" x="${x}" y="${first}" width="${barWidth}" height="${last - first}" rx="6"/>`,
    ];
  });
}

function drawService(
  name: string,
  versions: { name: string; share?: number }[],
  { y, height, rows }: { y: number; height: number; rows: Row[] },
): string[] {
  const { x, width: boxWidth } = columns.service;
  const box = (className: string, at: number, boxHeight: number) =>
    `<rect class="${className}" x="${x}" y="${at}" width="${boxWidth}" height="${boxHeight}" rx="6"/>`;
  if (versions.length < 2) {
    const middle = y + height / 2;
    const edge = (rowHeight - boxHeight) / 2;
    return [
      box("box", y + edge, height - 2 * edge),
      `<text class="name" x="${x + 12}" y="${middle + 5}">${name}</text>`,
    ];
  }
  const [row] = rows;
  const from = exitOf(row);
  return [
    `<text class="name" x="${x}" y="${y + 12}">${name}</text>`,
    ...versions.flatMap(({ name: version, share }, i) => {
      const middle = y + 26 + i * versionHeight + versionHeight / 2;
      const unused = share === 0;
      const lineTo = `M${from} ${row?.y ?? 0}C${x - 18} ${row?.y ?? 0} ${x - 22} ${middle} ${x - 2} ${middle}`;
      return [
        ...(unused ? [] : [`<path class="way plain" d="${lineTo}" marker-end="url(#plain)"/>`]),
        box(unused ? "box unused" : "box", middle - 14, 28),
        `<text class="${unused ? "text" : "name"}" x="${x + 12}" y="${middle + 5}">${version}${share === undefined ? "" : `<tspan class="share" dx="10">${share} %</tspan>`}</text>`,
      ];
    }),
  ];
}

/** Where a request leaves its last proxy. */
function exitOf(row: Request | undefined): number {
  const last = columns[row?.hops.at(-1)?.proxy ?? "client"];
  return last.x + last.width;
}

function drawRow(row: Row): string[] {
  const { y, client, method, service, hops, answer, id } = row;
  const { x, width: boxWidth } = columns.client;
  const parts = [
    `<rect class="box" x="${x}" y="${y - boxHeight / 2}" width="${boxWidth}" height="${boxHeight}" rx="6"/>`,
    `<text class="name" x="${x + 12}" y="${y - 3}">${client}</text>`,
    `<text class="text" x="${x + 12}" y="${y + 13}">${method} <tspan class="${answer === "page" ? "good" : "bad"}">${answers[answer]}</tspan></text>`,
  ];
  let from = x + boxWidth;
  let isSecure = false;
  for (const [i, hop] of hops.entries()) {
    const column = columns[hop.proxy];
    // From one mesh proxy to the next: HBONE, mutual TLS.
    isSecure = i > 0 && (hop.proxy === "waypoint" || hop.proxy === "server's ztunnel");
    parts.push(arrow(from, column.x, y, isSecure));
    parts.push(...drawHop(hop, column, y, i === hops.length - 1 && answer !== "page"));
    from = column.x + column.width;
  }
  const forks = service === "reviews";
  if (answer === "page" && !forks) parts.push(arrow(from, columns.service.x, y, false));
  return [`<g id="${id}">${parts.join("")}</g>`];
}

function drawHop(
  { name, admits }: Hop,
  { x, width: barWidth }: { x: number; width: number },
  y: number,
  ends: boolean,
): string[] {
  const middle = x + barWidth / 2;
  const label = name.replace(/-waypoint$/, "");
  const text = `<text class="proxy-name" x="${middle + (admits === undefined ? 0 : 10)}" y="${y + 4}" text-anchor="middle">${label}</text>`;
  if (admits === undefined) return [text];
  const mark = x + 16;
  const sign = ends
    ? `<path class="sign" d="M${mark - 4} ${y - 4}l8 8m0 -8l-8 8"/>`
    : `<path class="sign" d="M${mark - 5} ${y}l3.5 4l6.5 -8"/>`;
  return [
    text,
    `<circle class="${ends ? "refused" : "admitted"}" cx="${mark}" cy="${y}" r="9"/>`,
    sign,
  ];
}

const arrow = (from: number, to: number, y: number, isSecure: boolean) =>
  `<path class="way ${isSecure ? "secure" : "plain"}" d="M${from} ${y}H${to - 2}" marker-end="url(#${isSecure ? "secure" : "plain"})"/>`;

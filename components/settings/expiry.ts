const minuteMs = 60_000;

/** How long until a time, or since: `in 7 h 59 min`, `2 d 3 h ago`. */
export function describeExpiry(expiresAt: string, now = Date.now()): string {
  const difference = Date.parse(expiresAt) - now;
  const minutes = Math.floor(Math.abs(difference) / minuteMs);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  const units: [count: number, unit: string][] = [
    [days, "d"],
    [hours, "h"],
    [minutes % 60, "min"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  const shown = first < 0 ? units.slice(2) : units.slice(first, first + 2);
  const text = shown
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
  return difference > 0 ? `in ${text}` : `${text} ago`;
}

/** What an expiry means now: `expires in 8 h (<time>)`, `expired 2 d 3 h ago (<time>)`. */
export const expiryText = (expiresAt: string, now = Date.now()): string =>
  `${isExpired(expiresAt, now) ? "expired" : "expires"} ${describeExpiry(expiresAt, now)} (${expiresAt})`;

/** Whether the time has come. */
export const isExpired = (expiresAt: string, now = Date.now()): boolean =>
  Date.parse(expiresAt) <= now;

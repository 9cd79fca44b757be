import { scaleLinear, scaleLog } from 'd3-scale';
import type { Results } from '../results';
import { efficientMethods } from './efficient-methods';

const [width, height] = [720, 380];
const margin = { top: 14, right: 110, bottom: 40, left: 52 };

/** Accuracy over multiply-adds, a dot for each method with its deviation over seeds; those that are worth their cost are filled. */
export function costChart(title: string, methods: Results['tasks'][string]): string {
  const entries = Object.entries(methods).map(([name, { accuracy, cost }]) => ({
    name,
    accuracy,
    cost: cost.multiplyAdds,
  }));
  const efficient = efficientMethods(methods);
  const x = scaleLog(
    [0.9 * Math.min(...entries.map(({ cost }) => cost)), 1.1 * Math.max(...entries.map(({ cost }) => cost))],
    [margin.left, width - margin.right],
  );
  const y = scaleLinear(
    [
      Math.min(...entries.map(({ accuracy }) => accuracy.mean - accuracy.sd)),
      Math.max(...entries.map(({ accuracy }) => accuracy.mean + accuracy.sd)),
    ],
    [height - margin.bottom, margin.top],
  ).nice(5);
  const grid = y.ticks(5).map(
    (
      tick,
    ) => `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="var(--line)"/>\
<text x="${margin.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${Math.round(100 * tick)} %</text>`,
  );
  const columns = x
    .ticks(5)
    .map(
      (tick) =>
        `<text x="${at(x(tick))}" y="${height - margin.bottom + 17}" text-anchor="middle">${tick / 1e6} M</text>`,
    );
  const heights = spreadOut(entries.map(({ accuracy }) => y(accuracy.mean)));
  const dots = entries.map(({ name, accuracy: { mean, sd }, cost }, index) => {
    const fill = efficient.includes(name) ? 'var(--series-0)' : 'var(--page)';
    return `<path d="M${at(x(cost))} ${at(y(mean - sd))}V${at(y(mean + sd))}" stroke="var(--series-0)" stroke-opacity=".5"/>\
<circle cx="${at(x(cost))}" cy="${at(y(mean))}" r="4.5" fill="${fill}" stroke="var(--series-0)" stroke-width="1.5"/>\
<text x="${at(x(cost) + 8)}" y="${at(heights[index] + 4)}">${name}</text>`;
  });
  return `<figure><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
${[...grid, ...columns, ...dots].join('\n')}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 4}" text-anchor="middle">multiply-adds of one sample</text>
</svg></figure>`;
}

/** Heights at which labels do not lie upon each other, near those that they belong to. */
function spreadOut(heights: readonly number[]): number[] {
  const least = 12;
  const moved = [...heights];
  const order = [...heights.keys()].sort((a, b) => heights[a] - heights[b]);
  for (const [place, index] of order.entries()) {
    if (place > 0) moved[index] = Math.max(moved[index], moved[order[place - 1]] + least);
  }
  const below = Math.max(0, moved[order[order.length - 1]] - (height - margin.bottom));
  return moved.map((value) => value - below);
}

function at(value: number): string {
  return value.toFixed(1);
}

import { parseConfig } from '@polymodal/core';
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { z } from 'zod';
import { escapeHtml } from './html';

/** One curve. */
export interface Series {
  readonly name: string;
  /** In ascending order of x. A y that is not finite leaves a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a line chart shows. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  /** Bounds of the y axis; by default what the curves need. */
  readonly yDomain?: readonly [low: number, high: number];
}

const schema = z.strictObject({
  title: z.string(),
  xLabel: z.string(),
  series: z.array(z.strictObject({ name: z.string(), points: z.array(z.unknown()).readonly() })).readonly(),
  yDomain: z.tuple([z.number(), z.number()]).readonly().optional(),
});

const width = 460;
const height = 260;
const margin = { top: 10, right: 14, bottom: 36, left: 46 };

/**
 * A line chart as inline SVG, with a legend where there is more than one curve.
 *
 * ```ts
 * const html = lineChart({ title: 'Loss', xLabel: 'epoch', series: [{ name: 'ripe', points: [[1, 0.7], [2, 0.3]] }] });
 * ```
 *
 * @throws ConfigError for what is no chart
 */
export function lineChart(chart: LineChart): string {
  parseConfig(schema, chart, 'lineChart');
  const { title, xLabel, series, yDomain } = chart;
  const points = series.flatMap((one) => one.points).filter(([, y]) => Number.isFinite(y));
  const x = scaleLinear(bounds(points.map(([value]) => value)), [margin.left, width - margin.right]);
  const y = scaleLinear(yDomain ?? bounds(points.map(([, value]) => value)), [height - margin.bottom, margin.top]);
  if (!yDomain) y.nice(5);
  const path = line<readonly [number, number]>()
    .defined(([, value]) => Number.isFinite(value))
    .x(([value]) => x(value))
    .y(([, value]) => y(value));
  const format = y.tickFormat(5);
  const grid = y.ticks(5).map(
    (tick) => `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(tick))}" y2="${round(y(tick))}" \
stroke="var(--line)"/><text x="${margin.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${format(tick)}</text>`,
  );
  const ticks = x.ticks(6).filter(Number.isInteger);
  const xAxis = ticks.map(
    (tick) => `<text x="${round(x(tick))}" y="${height - margin.bottom + 17}" text-anchor="middle">${tick}</text>`,
  );
  const curves = series.map((one, i) => {
    const color = `var(--series-${i % 6})`;
    if (one.points.length === 1) {
      const [[px, py]] = one.points;
      return `<circle cx="${round(x(px))}" cy="${round(y(py))}" r="3" fill="${color}"/>`;
    }
    return `<path d="${path(one.points) ?? ''}" fill="none" stroke="${color}" stroke-width="2" \
stroke-linejoin="round"><title>${escapeHtml(one.name)}</title></path>`;
  });
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>${legend(series)}
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">
${[...grid, ...xAxis, ...curves].join('\n')}
<text x="${(margin.left + width - margin.right) / 2}" y="${height - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>
</svg></figure>`;
}

function legend(series: readonly Series[]): string {
  if (series.length < 2) return '';
  const names = series.map(
    ({ name }, i) => `<span><i style="background: var(--series-${i % 6})"></i>${escapeHtml(name)}</span>`,
  );
  return `<div class="legend">${names.join('')}</div>`;
}

/** Lowest and highest value, apart from one another even where there is only one. */
function bounds(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

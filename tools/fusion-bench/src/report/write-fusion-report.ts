import { type Cell, lineChart, type Section, table, writeReport } from '@polymodal/trainer';
import type { Results } from '../results';
import { costChart } from './cost-chart';
import { efficientMethods } from './efficient-methods';
import {
  cellText,
  contradictionTable,
  controlTable,
  costTable,
  type MethodTable,
  overviewTable,
  perceptualTable,
  robustnessTable,
  subsetTable,
} from './method-table';

/** Writes the page: accuracy over cost, every subset, noise, permutations, contradictions, controls. It needs nothing else. */
export async function writeFusionReport(path: string, results: Results): Promise<void> {
  const sections: Section[] = [
    { heading: 'What was compared', html: `<p>${escapeText(summary(results))}</p>` },
    ...Object.entries(results.tasks).flatMap(([task, methods]) => taskSections(task, methods)),
    { heading: 'Controls with known answers', html: controlsHtml(results.controls) },
  ];
  await writeReport(path, { title: 'Fusions under one budget', sections });
}

function summary({ budget, settings, machine, seconds, coreShare, tables }: Results): string {
  const { seeds, tasks } = settings;
  const hashes = Object.entries(tables).map(([task, hash]) => `${task} ${hash.slice(0, 12)}`);
  return `Budget "${budget}": ${seeds === 1 ? 'one seed' : `${seeds} seeds`}, the best of learning rates ${tasks.digits.rates.join(', ')} on validation data; the same data, encoders, steps and depth for all. \
${(seconds / 60).toFixed(1)} minutes on ${machine.cores} cores (${machine.cpu}, Node ${machine.node}, load ${machine.loadAverage.toFixed(1)} at the \
start); a training had ${(100 * coreShare).toFixed(0)} % of a core. Tables of missing modalities: ${hashes.join(', ')}.`;
}

function taskSections(task: string, methods: Results['tasks'][string]): Section[] {
  const efficient = efficientMethods(methods);
  const contradictions = contradictionTable(task, methods);
  return [
    {
      heading: `${task}: what it costs, and what it brings`,
      html: `${costChart(`${task}: accuracy with all modalities`, methods)}
<p>Filled: more accurate than every cheaper one, beyond both deviations over the seeds (${efficient.join(', ')}).</p>
${htmlOf(overviewTable(task, methods))}${htmlOf(costTable(task, methods))}`,
    },
    { heading: `${task}: every subset of the modalities`, html: htmlOf(subsetTable(task, methods)) },
    {
      heading: `${task}: noise`,
      html: `<div class="charts">${noiseCharts(methods).join('\n')}</div>${htmlOf(robustnessTable(task, methods))}`,
    },
    {
      heading: `${task}: what is looked at`,
      html: htmlOf(perceptualTable(task, methods)) + (contradictions ? htmlOf(contradictions) : ''),
    },
  ];
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Accuracy over noise in all modalities, a few methods to a chart, each beside late fusion. */
function noiseCharts(methods: Results['tasks'][string]): string[] {
  const others = Object.keys(methods).filter((name) => name !== 'concat');
  const perChart = 5; // there are six colours
  const yDomain = [0, 1] as const;
  return Array.from({ length: Math.ceil(others.length / perChart) }, (_, index) => {
    const names = ['concat', ...others.slice(perChart * index, perChart * (index + 1))];
    const series = names.map((name) => ({
      name,
      points: methods[name as keyof typeof methods]!.noise.all.curve.map(
        ([sigma, share]) => [100 * sigma, share] as const,
      ),
    }));
    return lineChart({ title: 'Noise in all modalities', xLabel: 'σ, in per cent', series, yDomain });
  });
}

function controlsHtml({ best, methods }: Results['controls']): string {
  const details = Object.entries(best).map(([name, ofSubsets]) => {
    const subsets = Object.keys(ofSubsets);
    return htmlOf({
      title: `${name}: accuracy by modalities`,
      columns: subsets,
      format: 'share',
      rows: [
        ['best possible', ...subsets.map((subset) => ofSubsets[subset])],
        ...Object.entries(methods).map(([method, own]): MethodTable['rows'][number] => [
          method,
          ...subsets.map((subset) => own[name][subset].mean),
        ]),
      ],
    });
  });
  return `<p>xor: neither modality says anything alone. copy: each says all. unique: each says half. irrelevant: unique beside a \
modality that says nothing. conflicting: a is right in 90 % of cases, and an extra one in 60 %.</p>
${htmlOf(controlTable({ best, methods }))}<details><summary>Every subset</summary>${details.join('\n')}</details>`;
}

/** A table in which shares are shaded, and changes by their size. */
function htmlOf({ title, columns, rows, format }: MethodTable): string {
  const cells = rows.map(([method, ...own]): Cell[] => [
    method,
    ...own.map((cell): Cell => {
      const text = cellText(cell, format);
      if (typeof cell !== 'number') return text;
      const shade = Math.min(1, format === 'share' ? Math.max(0, cell) : 5 * Math.abs(cell));
      return {
        html: `<span style="display: block; background: rgba(var(--heat), ${(0.5 * shade).toFixed(2)})">${text}</span>`,
      };
    }),
  ]);
  return table(['method', ...columns], cells, title);
}

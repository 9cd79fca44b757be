import { readFile } from 'node:fs/promises';
import { ConfigError } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import type { Results } from '../results';
import { figuresTables } from './figures-tables';
import { tableMarkdown } from './tables-text';

const [begin, end] = ['<!-- figures of bench:fusion -->', '<!-- end of figures -->'];

/** Puts the tables of a run into a guide, between its marks. @throws ConfigError for a guide without them, which stays as it is */
export async function writeGuideFigures(path: string, results: Results): Promise<void> {
  const text = await readFile(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new ConfigError({ where: path, expected: `a line "${begin}" and behind it "${end}"`, received: 'none' });
  }
  const tables = figuresTables(results).map((table) => `**${table.title}**\n\n${tableMarkdown(table)}`);
  const figures = [begin, conditions(results), ...tables].join('\n\n');
  await replaceFile(path, `${text.slice(0, from)}${figures}\n\n${text.slice(to)}`);
}

/** Under which the figures were measured. */
function conditions({ budget, settings, machine, seconds, coreShare }: Results): string {
  const { seeds, tasks } = settings;
  return `Budget \`${budget}\`: ${seeds === 1 ? 'one seed' : `${seeds} seeds`}, learning rate ${tasks.digits.rates.join(' or ')}. ${machine.cores} cores, \
Node ${machine.node}, ${(seconds / 60).toFixed(0)} minutes; load ${machine.loadAverage.toFixed(0)} at the start, and a training had \
${(100 * coreShare).toFixed(0)} % of a core, so that times say little where that is far below 100 %.`;
}

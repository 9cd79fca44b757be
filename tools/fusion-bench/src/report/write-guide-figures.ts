import { readFile } from 'node:fs/promises';
import { ConfigError } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import type { Results } from '../results';
import { figuresTables } from './figures-tables';
import { tableMarkdown } from './tables-text';

const [begin, end] = ['<!-- figures of bench:fusion -->', '<!-- end of figures -->'];

/** Makes sure that a guide can be written, before anything is measured for it. @throws ConfigError for one without marks, or none */
export async function checkGuide(path: string): Promise<void> {
  await readGuide(path);
}

/** Puts the tables of a run into a guide, between its marks. @throws ConfigError for a guide without them, which stays as it is */
export async function writeGuideFigures(path: string, results: Results): Promise<void> {
  const { text, from, to } = await readGuide(path);
  const tables = figuresTables(results).map((table) => `**${table.title}**\n\n${tableMarkdown(table)}`);
  const figures = [begin, conditions(results), ...tables].join('\n\n');
  await replaceFile(path, `${text.slice(0, from)}${figures}\n\n${text.slice(to)}`);
}

async function readGuide(path: string): Promise<{ readonly text: string; readonly from: number; readonly to: number }> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new ConfigError({ where: path, expected: 'a guide that can be read', received: cause.message, cause });
  });
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from >= 0 && to > from) return { text, from, to };
  throw new ConfigError({ where: path, expected: `a line "${begin}" and behind it "${end}"`, received: 'none' });
}

/** Under which the figures were measured. */
function conditions({ budget, settings, machine, seconds, coreShare }: Results): string {
  const { seeds, tasks } = settings;
  return `Budget \`${budget}\`: ${seeds === 1 ? 'one seed' : `${seeds} seeds`}, learning rate ${tasks.digits.rates.join(' or ')}. ${machine.cores} cores, \
Node ${machine.node}, ${(seconds / 60).toFixed(0)} minutes; load ${machine.loadAverage.toFixed(0)} at the start, and a training had \
${(100 * coreShare).toFixed(0)} % of a core, so that times say little where that is far below 100 %.`;
}

import type { Model } from '@polymodal/core';
import { type Cell, type Section, table, writeReport } from '@polymodal/trainer';
import type { SceneSample } from '../data/scene-sample';
import { percent, type Results, resultsRows } from '../results';
import { gallery } from './gallery';

/** Writes the page that shows what came of it: figures, answers to each kind of question, and what answers rest on. */
export async function writeScenesReport(
  path: string,
  content: {
    readonly results: Results;
    readonly test: readonly SceneSample[];
    /** A trained model of each method that is shown. */
    readonly models: ReadonlyMap<string, Model>;
  },
): Promise<void> {
  const { results, test, models } = content;
  const [columns, ...rows] = resultsRows(results.methods);
  const sections: Section[] = [
    { heading: 'Right answers', html: table(columns, rows) },
    { heading: 'By kind of question', html: byKind(results) },
    {
      heading: 'What answers rest on',
      html: `<p>Above each answer the picture, bright where painting over a cell takes most of the answer's probability. Beside it, of fusions that
attend, bright where the attention of the question and of the class token falls, over all layers and heads.</p>
${await gallery(models, ofEachKind(test))}`,
    },
  ];
  await writeReport(path, { title: 'Questions about scenes', sections });
}

function byKind({ methods }: Results): string {
  const kinds = Object.keys(Object.values(methods)[0].byKind);
  const rows = Object.entries(methods).map(([method, own]): Cell[] => [
    method,
    ...kinds.map((kind) => percent(own.byKind[kind])),
  ]);
  return table(['', ...kinds], rows);
}

/** The first two test questions of each kind, each about another scene. */
function ofEachKind(test: readonly SceneSample[]): SceneSample[] {
  const taken = new Set<number>();
  const kinds = [...new Set(test.map(({ source }) => source.kind))];
  return kinds.flatMap((kind) =>
    [1, 2].flatMap(() => {
      const found = test.find(({ source }) => source.kind === kind && !taken.has(source.scene));
      if (found) taken.add(found.source.scene);
      return found ? [found] : [];
    }),
  );
}

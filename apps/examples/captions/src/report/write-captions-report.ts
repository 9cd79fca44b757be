import type { Model } from '@polymodal/core';
import { imageTag } from '@polymodal/example-material';
import { scenePng } from '@polymodal/example-scenes/report/scene-png';
import { type Cell, table, writeReport } from '@polymodal/trainer';
import { type Subset, subsets } from '../bounds';
import type { captionsModel } from '../captions-model';
import type { ViewedSample } from '../data/make-samples';
import { spokenSentence } from '../language/wording';
import type { TestGroup } from '../measure';
import { type Results, resultsRows } from '../results';
import { soundTag } from './sound-tag';

/** Pixels a side of a picture in the page. */
const shown = 120;
/** Samples of each group in the page. */
const ofEach = 3;

/** What is written about pictures. */
export type CaptionsModel = ReturnType<typeof captionsModel>;

/** Writes the page that shows what came of it: figures, and pictures with what is said and written about them. */
export async function writeCaptionsReport(
  path: string,
  {
    results,
    groups,
    model,
  }: { readonly results: Results; readonly groups: readonly TestGroup[]; readonly model: Model },
): Promise<void> {
  const [exact, likeness] = resultsRows(results);
  const samples = groups.flatMap((group) => group.samples.slice(0, ofEach));
  await writeReport(path, {
    title: 'Captions and answers by two views',
    sections: [
      { heading: 'Right to the letter', html: `<p>${ofFigures}</p>${withBounds(exact, 'at most')}` },
      { heading: 'CIDEr-D', html: `<p>${ofLikeness}</p>${withBounds(likeness, 'guessed')}` },
      { heading: 'Scenes', html: `<p>${ofScenes}</p>${await gallery(model, samples)}` },
    ],
  });
}

const ofFigures =
  'With intervals of 95 % (Wilson). Beside each, what is possible: the picture hides one of three objects and the speaker leaves one out, so that ' +
  'by one alone the best guess is right once in twelve captions.';
const ofLikeness =
  'With intervals of 95 % (bootstrap), at most 10. Beside each, the captions of somebody who sees and hears all that is shown, and draws the rest.';
const ofScenes =
  'Scenes and voices of the test. A grey screen hides an object in the picture, of which the speaker tells, but not of all others.';

/** A table in which the bound of each figure, which stands behind it, is written below it. */
function withBounds([[title, ...columns], ...rows]: string[][], bound: string): string {
  const isFigure = (_: string, place: number) => place % 2 === 0;
  return table(
    [title, ...columns.filter(isFigure)],
    rows.map(([name, ...cells]): Cell[] => [
      name,
      ...cells.filter(isFigure).map((figure, place) => ({
        html: `${figure}<br><small>${bound} ${cells[2 * place + 1]}</small>`,
      })),
    ]),
  );
}

async function gallery(model: Model, samples: readonly ViewedSample[]): Promise<string> {
  const names = Object.keys(subsets) as Subset[];
  const written = await Promise.all(
    names.map((subset) => model.predict(samples.map((own) => restricted(own, subset)))),
  );
  const rows = await Promise.all(
    samples.map(async ({ image, audio, text, targets, meta }, index): Promise<Cell[]> => {
      const { objects, told } = meta.views;
      const said = told.map((place) => spokenSentence(objects[place], place)).join(' ');
      const picture = imageTag(await scenePng(image), 'the scene, one object behind a screen', shown, shown);
      const right = targets.answer;
      const lines = names.map((subset, place) => {
        const { text: own } = (written[place][index] as { readonly answer: { readonly text: string } }).answer;
        return `${own === right ? '✓' : '✗'} by ${subset}: <bdi lang="${meta.tag}">${escapeText(own)}</bdi>`;
      });
      return [
        { html: `${picture}<br>${soundTag(audio)}` },
        {
          html: `<div style="white-space: normal; text-align: left; max-width: 34rem">said: <q>${escapeText(said)}</q><br>
asked: <bdi lang="${meta.tag}">${escapeText(text)}</bdi><br>right: <bdi lang="${meta.tag}">${escapeText(right)}</bdi><br>
${lines.join('<br>\n')}</div>`,
        },
      ];
    }),
  );
  return table(['seen and heard', ''], rows);
}

/** A sample as a model is shown it. */
export function restricted({ image, audio, text }: ViewedSample, subset: Subset) {
  const slots: readonly string[] = subsets[subset];
  return { text, ...(slots.includes('image') && { image }), ...(slots.includes('audio') && { audio }) };
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

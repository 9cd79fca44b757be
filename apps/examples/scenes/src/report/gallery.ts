import type { Model } from '@polymodal/core';
import { imageTag } from '@polymodal/example-material';
import { type Cell, table } from '@polymodal/trainer';
import type { SceneSample } from '../data/scene-sample';
import { cellSize } from '../scenes-model';
import { attendedCells } from './attended-cells';
import { coveredCells } from './covered-cells';
import { scenePng, weighedPng } from './scene-png';

/** Pixels a side of a picture in the page. */
const shown = 96;

/** Questions about pictures as a person would look at them, with the answer of each model, what of the picture it rests on, and where its fusion attends. */
export async function gallery(models: ReadonlyMap<string, Model>, samples: readonly SceneSample[]): Promise<string> {
  const rows = await Promise.all(
    samples.map(async (sample): Promise<Cell[]> => {
      const { image, text, targets, source } = sample;
      const cells: Cell[] = [
        {
          html: `${imageTag(await scenePng(image), 'the scene', shown, shown)}
<div style="width: 12rem; white-space: normal; text-align: left"><bdi lang="${source.language}">${escapeText(text)}</bdi></div>`,
        },
        targets.answer,
      ];
      for (const model of models.values()) cells.push({ html: await answerOf(model, sample) });
      return cells;
    }),
  );
  return table(['scene and question', 'right', ...models.keys()], rows);
}

async function answerOf(model: Model, sample: SceneSample): Promise<string> {
  const covered = await coveredCells(model, sample, cellSize);
  const attended = await attendedCells(model, sample);
  const { label, probability } = covered.answer;
  const pictures = [imageTag(await weighedPng(sample.image, covered), 'what the answer rests on', shown, shown)];
  if (attended) pictures.push(imageTag(await weighedPng(sample.image, attended), 'what is attended to', shown, shown));
  const mark = label === sample.targets.answer ? '✓' : '✗';
  return `${pictures.join(' ')}<br>${mark} ${label} (${(100 * probability).toFixed(0)} %)`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

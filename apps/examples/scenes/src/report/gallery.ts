import type { Model } from '@polymodal/core';
import { imageTag } from '@polymodal/example-material';
import { type Cell, table } from '@polymodal/trainer';
import type { SceneSample } from '../data/scene-sample';
import { cellSize } from '../scenes-model';
import { coveredCells } from './covered-cells';
import { lookedAtPng, scenePng } from './scene-png';

/** Pixels a side of a picture in the page. */
const shown = 120;

/** Questions about pictures as a person would look at them, with the answer of each model and what of the picture it rests on. */
export async function gallery(models: ReadonlyMap<string, Model>, samples: readonly SceneSample[]): Promise<string> {
  const rows = await Promise.all(
    samples.map(async (sample): Promise<Cell[]> => {
      const { image, text, targets, source } = sample;
      const cells: Cell[] = [
        { html: imageTag(await scenePng(image), 'the scene', shown, shown) },
        { html: `<bdi lang="${source.language}">${escapeText(text)}</bdi>` },
        targets.answer,
      ];
      for (const model of models.values()) cells.push({ html: await answerOf(model, sample) });
      return cells;
    }),
  );
  return table(['scene', 'question', 'right', ...models.keys()], rows);
}

async function answerOf(model: Model, sample: SceneSample): Promise<string> {
  const looked = await coveredCells(model, sample, cellSize);
  const { label, probability } = looked.answer;
  const picture = imageTag(await lookedAtPng(sample.image, looked), 'what the answer rests on', shown, shown);
  const mark = label === sample.targets.answer ? '✓' : '✗';
  return `${picture}<br>${mark} ${label} (${(100 * probability).toFixed(0)} %)`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

import { spectrogramPng } from '@polymodal/example-digits/pictures';
import { imageTag } from '@polymodal/example-material';
import { type Cell, type Section, type TrainResult, table, trainingSections } from '@polymodal/trainer';
import { columns, figureCells } from './figure-cells';
import type { HeardString, StringFigures } from './judge';
import type { StringData } from './string-data';
import type { StringsModel } from './strings-model';

/** What the page shows. */
export interface Shown {
  readonly data: StringData;
  readonly figures: Readonly<Record<string, Readonly<Record<string, StringFigures>>>>;
  readonly heard: Readonly<Record<string, readonly HeardString[]>>;
  readonly result: TrainResult;
}

/** Strings of each test that are shown as they come, and those that are wrong. */
const [asTheyCome, wrong] = [8, 8];

/** Figures, and strings with their spectrogram and what was heard when. */
export async function reportSections(model: StringsModel, { data, figures, heard, result }: Shown): Promise<Section[]> {
  const rows = Object.entries(figures).flatMap(([test, ways]) =>
    Object.entries(ways).map(([way, own]) => [test, way, ...figureCells(own)]),
  );
  const sections: Section[] = [
    { heading: 'Voices never heard before', html: table(['test', 'read by', ...columns], rows) },
  ];
  for (const [test, all] of Object.entries(heard)) {
    const mistaken = all.filter(({ said, heard: { text } }) => said !== text).slice(0, wrong);
    for (const [title, list] of Object.entries({ 'as they come': all.slice(0, asTheyCome), mistaken })) {
      const cells = await Promise.all(list.map((one) => stringCells(model, data, test, one)));
      sections.push({ heading: `${test}, ${title}`, html: table(['sound', 'said', 'heard'], cells) });
    }
  }
  return [...sections, ...trainingSections(result)];
}

/** How wide a second is, in pixels. */
const secondWidth = 75;
const height = 80;

async function stringCells(
  model: StringsModel,
  { tests }: StringData,
  test: string,
  { index, said, heard }: HeardString,
): Promise<Cell[]> {
  const { speech } = tests[test].get(index) as { speech: { samples: Float32Array; sampleRate: number } };
  const { features } = await model.prepare({ speech });
  const width = Math.round((secondWidth * speech.samples.length) / speech.sampleRate);
  const picture = imageTag(await spectrogramPng(features.speech), 'the spectrogram of the string', width, height);
  const words = heard.words.map(({ text, start, end }) => {
    const [left, right] = [start!, end!].map((seconds) => Math.round(secondWidth * seconds));
    const style = `position:absolute;left:${left}px;width:${Math.max(2, right - left)}px;border-left:2px solid;font-size:11px;white-space:nowrap`;
    return `<span style="${style}" title="${start!.toFixed(2)} to ${end!.toFixed(2)} s">${text}</span>`;
  });
  return [
    { html: `${picture}<div style="position:relative;height:16px;width:${width}px">${words.join('')}</div>` },
    said,
    heard.text,
  ];
}

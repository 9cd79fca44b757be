import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { zeroShot } from '@polymodal/heads';
import { loadPretrained } from '@polymodal/hub';
import { beforeAll, describe, expect, it } from 'vitest';
import { audioTextFamilies } from '../audio-text';

const fixtures = fileURLToPath(new URL('../../fixtures/clap/', import.meta.url));

/** What Python computed (tools/parity/clap_zero_shot.py). */
interface Expected {
  readonly audios: string[];
  readonly texts: string[];
  readonly ids: number[][];
  readonly isLonger: boolean[];
  readonly audioEmbeddings: number[][];
  readonly textEmbeddings: number[][];
  readonly probabilities: number[][];
}

const load = (name: string) => loadPretrained(audioTextFamilies, fixtures + name);

function expectClose(received: readonly ArrayLike<number>[], expected: number[][]): void {
  expect(received.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  const differences = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - received[i][j])));
  expect(Math.max(...differences)).toBeLessThan(1e-4); // float32, through decibels and two towers
}

describe.each(['unfused', 'fused', 'fused-short'])('clap "%s", from files and strings', (name) => {
  let model: Awaited<ReturnType<typeof load>>['model'];
  let expected: Expected;
  let recordings: { audio: string }[];
  let texts: { text: string }[];
  beforeAll(async () => {
    ({ model } = await load(name));
    expected = JSON.parse(readFileSync(`${fixtures}${name}/expected.json`, 'utf8'));
    recordings = expected.audios.map((file) => ({ audio: fixtures + file }));
    texts = expected.texts.map((text) => ({ text }));
  });

  it('gives texts the tokens that Python gives them', async () => {
    const prepared = await Promise.all(texts.map((sample) => model.prepare(sample)));
    expect(prepared.map(({ features }) => [...features.text.inputIds.data])).toEqual(expected.ids);
  });

  it('says of the recordings that Python says it of that they are longer', async () => {
    const prepared = await Promise.all(recordings.map((sample) => model.prepare(sample)));
    const { features } = model.collate(prepared).modalities.audio;
    expect([...features.isLonger.data].map(Boolean)).toEqual(expected.isLonger);
  });

  it('gives the embeddings and probabilities that Python gives', async () => {
    const ofRecordings = await model.predict(recordings);
    const ofTexts = await model.predict(texts);
    expectClose(
      ofRecordings.map(({ match }) => match!.embeddings.audio),
      expected.audioEmbeddings,
    );
    expectClose(
      ofTexts.map(({ match }) => match!.embeddings.text),
      expected.textEmbeddings,
    );
    expectClose(await zeroShot(model, recordings, texts), expected.probabilities);
  });
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadPretrained } from '@polymodal/hub';
import { beforeAll, describe, expect, it } from 'vitest';
import { audioTextFamilies } from '../audio-text';
import { classify } from '../classify';
import { embed } from '../embed';

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
  let loaded: Awaited<ReturnType<typeof load>>;
  let expected: Expected;
  let audio: string[];
  beforeAll(async () => {
    loaded = await load(name);
    expected = JSON.parse(readFileSync(`${fixtures}${name}/expected.json`, 'utf8'));
    audio = expected.audios.map((file) => fixtures + file);
  });

  it('gives texts the tokens that Python gives them', () => {
    const ids = expected.texts.map((text) => [...loaded.processor.text!.process(text).inputIds.data]);
    expect(ids).toEqual(expected.ids);
  });

  it('says of the recordings that Python says it of that they are longer', async () => {
    const { audio: processor } = loaded.processor;
    const rows = await Promise.all(audio.map((file) => processor!.process(file, { training: false })));
    expect([...processor!.collate(rows).isLonger.data].map(Boolean)).toEqual(expected.isLonger);
  });

  it('gives the embeddings and probabilities that Python gives', async () => {
    const embeddings = await embed(loaded, { audio, text: expected.texts });
    expectClose(embeddings.audio, expected.audioEmbeddings);
    expectClose(embeddings.text, expected.textEmbeddings);
    expectClose(await classify(loaded, { audio, text: expected.texts }), expected.probabilities);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inferenceContext } from '@polymodal/core';
import { loadPretrained, openCheckpoint } from '@polymodal/hub';
import { expectDropout } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { audioFamilies } from '.';

interface Output {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

// Made by tools/parity/slot_options.py with Python's `from_pretrained`.
const { cases, rates } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/options.json', import.meta.url)), 'utf8'),
) as {
  cases: { fixture: string; adjust: Record<string, number>; config: object; tokens: Output; pooled?: Output }[];
  rates: { fixture: string; option: string; names: string[] }[];
};
const folderOf = (fixture: string) => fileURLToPath(new URL(`../../fixtures/families/${fixture}`, import.meta.url));

/** The features that the checkpoint's own fixture has, none of them masked. */
async function batchOf(fixture: string) {
  const checkpoint = await openCheckpoint(join(folderOf(fixture), 'expected.safetensors'));
  const names = checkpoint.names.filter((name) => /^feature\.(input\w+|mask)$/.test(name));
  const features = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => {
        const { data, shape } = await checkpoint.read(name);
        return [name.slice('feature.'.length), tf.tensor(Float32Array.from(data as Float32Array), [...shape])] as const;
      }),
    ),
  );
  await checkpoint.close();
  return { rows: Int32Array.of(0, 1), features };
}

function expectOutput(computed: tf.Tensor, expected: Output): void {
  expect(computed.shape).toEqual(expected.shape);
  const values = computed.dataSync();
  const errors = expected.values.map((value, at) => Math.abs(value - values[at]) / (1 + Math.abs(value)));
  expect(Math.max(...errors)).toBeLessThan(1e-4); // float32 through a layer
}

it.each(cases)('$fixture with $adjust computes what Python does', async ({ fixture, adjust, config, ...outputs }) => {
  const { model, configFile } = await loadPretrained(audioFamilies, folderOf(fixture), { adjust });
  expect(configFile).toMatchObject(config);
  const { tokens, pooled } = model.encode(await batchOf(fixture), inferenceContext());
  expectOutput(tokens, outputs.tokens);
  if (outputs.pooled) expectOutput(pooled, outputs.pooled);
  model.dispose();
});

it.each(rates)('$option of $fixture is the rate that Python drops with', async ({ fixture, option, names }) => {
  const others = rates.filter((rate) => rate.fixture === fixture);
  const none = Object.fromEntries(others.map((rate) => [rate.option, 0]));
  const unmasked = /wav2vec2|hubert|whisper/.test(fixture) ? { specAugment: false } : {};
  await expectDropout(
    async (rate) => {
      const adjust = { ...none, ...unmasked, [option]: rate };
      const { model, configFile } = await loadPretrained(audioFamilies, folderOf(fixture), { adjust });
      expect(configFile).toMatchObject(Object.fromEntries(names.map((name) => [name, rate])));
      return model;
    },
    await batchOf(fixture),
  );
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialize, RandomKey } from '@polymodal/core';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { CheckpointKeysError, createFromConfig, loadPretrained, openCheckpoint, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languageModels } from '../language-models';
import { batchOf, folderOf, forward, loadFixture, modelFolders, partsOf } from '../testing/language-models';

const target = mkdtempSync(join(tmpdir(), 'polymodal-language-model-'));
afterAll(() => rmSync(target, { recursive: true }));
beforeAll(() => tf.setBackend('cpu'));

async function valuesOf(folder: string): Promise<Map<string, unknown>> {
  const checkpoint = await openCheckpoint(join(folder, 'model.safetensors'));
  const entries = await Promise.all(
    checkpoint.names.map(async (name) => [name, (await checkpoint.read(name)).data] as const),
  );
  await checkpoint.close();
  return new Map(entries.sort());
}

describe('a family of language models', () => {
  it.each(modelFolders)('saves the tensors that it loaded, under their names and to the bit: %s', async (name) => {
    const loaded = await loadFixture(name);
    await savePretrained(loaded, join(target, name));
    expect(await valuesOf(join(target, name))).toEqual(await valuesOf(folderOf(name)));
    const { architectures } = JSON.parse(readFileSync(join(target, name, 'config.json'), 'utf8'));
    expect(architectures).toEqual(loaded.configFile.architectures);
    loaded.model.dispose();
  });

  it('has a head of its own, or that of the embeddings', async () => {
    const [tied, untied] = [await loadFixture('gpt2'), await loadFixture('gpt2-untied')];
    expect(tied.model.parameters().has('heads.text.lmHead.weight')).toBe(false);
    expect(untied.model.parameters().has('heads.text.lmHead.weight')).toBe(true);
  });

  it('loads a tied head from a checkpoint of the encoder alone, and refuses an untied one that lacks its weight', async () => {
    for (const [name, isWhole] of [
      ['gpt2', true],
      ['llama', false],
    ] as const) {
      const encoder = await loadPretrained(textFamilies, folderOf(name));
      await savePretrained(encoder, join(target, `${name}-encoder`));
      const again = loadPretrained(languageModels, join(target, `${name}-encoder`));
      if (isWhole) expect(partsOf((await again).model).encoder.depth).toBe(2);
      else {
        await expect(again).rejects.toThrow(CheckpointKeysError);
        await expect(again).rejects.toThrow('1 missing: lm_head.weight');
      }
    }
  });

  it('gives the encoder a gradient through the head', () => {
    const sizes = { n_embd: 8, n_layer: 1, n_head: 2, vocab_size: 11, n_positions: 6 };
    const { model } = createFromConfig(languageModels, { model_type: 'gpt2', ...sizes });
    initialize(model, RandomKey.from(0));
    const loss = () => tf.sum(tf.square(forward(model, batchOf([[1, 2, 3]])))) as tf.Scalar;
    const { grads } = tf.variableGrads(loss);
    for (const { value } of model.parameters().values()) expect(grads[value.name]).toBeDefined();
    model.dispose();
  });
});

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adaptersOf, createRegistry, initialize, type Model, RandomKey, readParameters } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText, textFamilies } from '@polymodal/encoder-text/pretrained';
import { fusion } from '@polymodal/fusion';
import {
  composePretrained,
  createFromConfig,
  openCheckpoint,
  savePretrained,
  writeSafetensorsFile,
} from '@polymodal/hub';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapters } from '..';
import { loadPeft, savePeft } from '../peft';

const registry = createRegistry([text, pretrainedText, fusion, adapters]);
const folder = mkdtempSync(join(tmpdir(), 'polymodal-peft-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [base, saved] = [join(folder, 'bert'), join(folder, 'saved')];
const query = 'base_model.model.encoder.layer.0.attention.self.query';

const compose = (entries: object[] = []): Promise<Model> =>
  composePretrained(registry, {
    hiddenSize: 8,
    encoders: { note: { use: 'pretrained-text', from: base } },
    fusion: { use: 'none' },
    heads: {},
    adapters: entries,
  } as never) as Promise<Model>;

/** Values of adapters by path. */
async function learned(model: Model): Promise<[string, number[]][]> {
  const all = [...(await readParameters(model))].filter(([path]) => path.includes('.adapter.'));
  return all.map(([path, { data }]) => [path, [...data]]);
}

let expected: [string, number[]][];
beforeAll(async () => {
  const made = createFromConfig(textFamilies, {
    ...{ model_type: 'bert', hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 8 },
    ...{ vocab_size: 400, max_position_embeddings: 8 },
  });
  initialize(made.model, RandomKey.from(0));
  await savePretrained(made, base);
  cpSync(new URL('../../../encoder-text/fixtures/word-piece.json', import.meta.url), join(base, 'tokenizer.json'));
  const model = await compose([{ use: 'lora', targets: ['query', 'value'], rank: 2, alpha: 6 }]);
  for (const [path, parameter] of model.parameters()) {
    if (path.includes('.adapter.')) parameter.assignValues(RandomKey.from(1).fold(path).normal(parameter.size));
  }
  expected = await learned(model);
  await savePeft(model, 'note', saved);
});

/** A folder of PEFT's with another config, or other tensors. */
async function changed(
  config: object,
  change: (tensors: Map<string, { shape: number[]; data: Float32Array<ArrayBuffer> }>) => void = () => {},
): Promise<string> {
  const to = mkdtempSync(join(folder, 'changed-'));
  const own = JSON.parse(readFileSync(join(saved, 'adapter_config.json'), 'utf8'));
  writeFileSync(join(to, 'adapter_config.json'), JSON.stringify({ ...own, ...config }));
  const checkpoint = await openCheckpoint(join(saved, 'adapter_model.safetensors'));
  const tensors = new Map<string, { shape: number[]; data: Float32Array<ArrayBuffer> }>();
  for (const name of checkpoint.names) {
    const { shape, data } = await checkpoint.read(name);
    tensors.set(name, { shape: [...shape], data: Float32Array.from(data) });
  }
  await checkpoint.close();
  change(tensors);
  await writeSafetensorsFile(join(to, 'adapter_model.safetensors'), tensors);
  return to;
}

it('puts on what savePeft saved', async () => {
  const model = await compose();
  await loadPeft(registry, model, 'note', saved);
  expect(await learned(model)).toEqual(expected);
});

it.each<[string, Parameters<typeof changed>, RegExp]>([
  ['without a module that is meant', [{ target_modules: ['query', 'key', 'value'] }], /self\.key: .*none/],
  ['with a module that is not meant', [{ target_modules: ['query'] }], /self\.value: .*which it does not/],
  ['without B', [{}, (all) => all.delete(`${query}.lora_B.weight`)], /self\.query: expected lora_B\.weight/],
  ['of another rank', [{ r: 4 }], /expected lora_A\.weight of shape \[4,8\], received \[2,8\]/],
  [
    'of another shape with as many values',
    [{}, (all) => all.set(`${query}.lora_B.weight`, { shape: [4, 4], data: new Float32Array(16) })],
    /expected lora_B\.weight of shape \[8,2\], received \[4,4\]/,
  ],
  [
    'that are not finite',
    [{}, (all) => all.get(`${query}.lora_B.weight`)!.data.fill(Number.NaN, 5, 6)],
    /self\.query: expected finite numbers in lora_B\.weight, received NaN/,
  ],
])('refuses tensors %s, and puts nothing on', async (_, [config, change], message) => {
  const model = await compose();
  await expect(loadPeft(registry, model, 'note', await changed(config, change))).rejects.toThrow(message);
  expect(adaptersOf(model).size).toBe(0);
});

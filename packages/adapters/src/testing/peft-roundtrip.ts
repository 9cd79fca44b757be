import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addAdapters, createRegistry, inferenceContext, type Model } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { composePretrained, openCheckpoint, writeSafetensorsFile } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { adapters } from '..';
import { loadPeft, savePeft } from '../peft';

const registry = createRegistry([text, pretrainedText, vision, pretrainedImage, fusion, adapters]);

/**
 * For a proof: puts the adapters that `tools/parity/peft_roundtrip.py` made on their models, changes them and saves them again, and adapters
 * of our own beside them.
 */
export async function peftRoundtrip(target: string): Promise<void> {
  for (const family of readdirSync(target)) {
    const x = await tensorOf(join(target, family, 'x.safetensors'), 'x');
    const kinds = readdirSync(join(target, family), { withFileTypes: true }).filter((own) => own.isDirectory());
    for (const { name: kind } of kinds.filter(({ name }) => name !== 'model')) {
      const model = await compose(target, family);
      await loadPeft(registry, model, 'part', join(target, family, kind, 'theirs'));
      const before = hidden(model, x);
      await saveChanged(model, join(target, family, kind), x, { before });
    }
    for (const dora of [false, true]) {
      const model = await compose(target, family);
      const targets = dora ? ['query', 'key', 'value'] : ['query', 'value'];
      addAdapters(registry, model, [{ use: 'lora', rank: 2, alpha: 6, targets, dora }]);
      await saveChanged(model, join(target, family, dora ? 'own-dora' : 'own-lora'), x, {});
    }
  }
}

function compose(target: string, family: string): Promise<Model> {
  const use = family === 'clip' ? 'pretrained-image' : 'pretrained-text';
  return composePretrained(registry, {
    hiddenSize: 16,
    encoders: { part: { use, from: join(target, family, 'model') } },
    fusion: { use: 'none' },
    heads: {},
  } as never) as Promise<Model>;
}

async function saveChanged(model: Model, folder: string, x: tf.Tensor, outputs: Record<string, tf.Tensor>) {
  for (const [path, parameter] of model.parameters()) {
    if (!path.includes('.adapter.')) continue;
    parameter.assign(tf.add(parameter.value, tf.randomNormal([...parameter.shape], 0, 0.1, 'float32', path.length)));
  }
  await savePeft(model, 'part', join(folder, 'ours'));
  const named = Object.entries({ ...outputs, y: hidden(model, x) });
  await writeSafetensorsFile(
    `${folder}/ours.safetensors`,
    new Map(named.map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }])),
  );
  model.dispose();
}

function hidden(model: Model, x: tf.Tensor): tf.Tensor {
  const features: Record<string, tf.Tensor> =
    x.rank === 2 ? { inputIds: x, mask: tf.ones(x.shape as [number, number]) } : { pixelValues: x };
  const rows = Int32Array.from({ length: x.shape[0] }, (_, row) => row);
  return model.encoders.part!.encode({ rows, features }, inferenceContext()).tokens;
}

async function tensorOf(path: string, name: string): Promise<tf.Tensor> {
  const checkpoint = await openCheckpoint(path);
  const { data, shape, dtype } = await checkpoint.read(name);
  await checkpoint.close();
  return tf.tensor(data, [...shape], dtype);
}

import { type OnnxBackend, registerOnnxBackend } from '@polymodal/backend-onnx';
import { Module, Parameter, readParameters } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { saveCheckpoint } from '../save/save-checkpoint';
import { temporaryFolder } from '../testing/test-files';
import type { KeyMap } from './key-map';
import { loadParameters } from './load-parameters';

const width = 96;

class Model extends Module {
  readonly query = new Parameter([2 * width, width], () => new Float32Array(2 * width * width));
  readonly key = new Parameter([width, width], () => new Float32Array(width * width));
  readonly words = new Parameter([width, 2 * width], () => new Float32Array(2 * width * width));
  readonly gates = [0, 1].map(() => new Parameter([width, width], () => new Float32Array(width * width)));
  readonly bias = new Parameter([width], () => new Float32Array(width));
}

const keyMap: KeyMap = {
  entries: [
    { ours: ['query', 'key'], theirs: 'c_attn', transpose: true },
    { ours: 'words', theirs: 'wte' },
    { ours: ['gates.0', 'gates.1'], theirs: 'gates' },
    { ours: 'bias', theirs: 'bias' },
  ],
};

const values = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.cos(i));
const tensors = {
  c_attn: { shape: [width, 3 * width], data: values(3 * width * width) },
  wte: { shape: [width, 2 * width], data: values(2 * width * width) },
  gates: { shape: [2 * width, width], data: values(2 * width * width) },
  bias: { shape: [width], data: values(width) },
};

/** Into two shards, so that tensors lie in two files. */
async function load(dtype: 'F32' | 'F16' | 'BF16'): Promise<Model> {
  const folder = temporaryFolder();
  const typed = Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, dtype }] as const);
  await saveCheckpoint(folder, new Map(typed), { maxShardSize: 120_000 });
  const checkpoint = await openCheckpoint(folder);
  const model = new Model();
  await loadParameters(model, checkpoint, keyMap);
  await checkpoint.close();
  return model;
}

describe.each(['F32', 'F16', 'BF16'] as const)(
  'large parameters in %s, on a backend that reads values when it needs them',
  (dtype) => {
    let backend: OnnxBackend;
    beforeAll(async () => {
      backend = registerOnnxBackend();
      await tf.setBackend('onnx');
    });

    it('stay in their file until then, and small ones are read', async () => {
      const unread = [...(await load(dtype)).parameters()].filter(
        ([, { value }]) => backend.tensorData(value).isUnread,
      );
      expect(unread.map(([path]) => path)).toEqual(['query', 'key', 'words', 'gates.0', 'gates.1']);
    });

    it('have the values that other backends read at once', async () => {
      const onOnnx = await readParameters(await load(dtype));
      await tf.setBackend('cpu');
      const onCpu = await readParameters(await load(dtype));
      await tf.setBackend('onnx');
      for (const [path, { data }] of onCpu) expect(onOnnx.get(path)!.data, path).toEqual(data);
      expect(onCpu.size).toBe(6);
    });
  },
);

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { exportOnnx } from '../export/export-onnx';
import type { ExportCase } from './exported-models';

/**
 * Exports a case as `<name>.onnx` and writes what the function itself gives at sizes that were not traced to
 * `<name>.json`, so that another runtime can be held against it (`tools/parity/export_onnx.py`).
 */
export async function writeExportCase(folder: string, name: string, { fn, example, options, others }: ExportCase) {
  await exportOnnx(fn, example, { ...options, path: join(folder, `${name}.onnx`) });
  const runs = others().map((inputs) => {
    const result = tf.tidy(() => fn(inputs));
    return { inputs: described(inputs), outputs: described(result instanceof tf.Tensor ? { output: result } : result) };
  });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(runs));
}

function described(tensors: tf.NamedTensorMap) {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const { dtype, shape } = tensor;
      return [name, { dtype, shape, values: [...tensor.dataSync()] }];
    }),
  );
}

// Without TensorFlow.js: what contenders import counts in their memory and start-up time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from './configs';

/** The files of a model, in the layout of the Hugging Face hub, and what it is given. */
export function workloadFiles(folder: string) {
  return {
    config: join(folder, 'config.json'),
    weights: join(folder, 'model.safetensors'),
    onnx: join(folder, 'onnx', 'model.onnx'),
    inputs: join(folder, 'inputs.json'),
  };
}

/** What every contender computes with. */
export interface Inputs {
  /** (B, N) */
  readonly ids: Int32Array;
  /** (B, N), 1 = takes part */
  readonly mask: Float32Array;
  readonly shape: [batch: number, length: number];
}

/** The inputs as they are written. */
export interface StoredInputs {
  readonly ids: readonly number[];
  readonly mask: readonly number[];
  readonly shape: [batch: number, length: number];
}

/** `config.json`: what transformers.js needs to know which class to make, and our own config. */
export interface StoredConfig {
  readonly model_type: 'bert';
  readonly architectures: readonly ['BertModel'];
  readonly encoder: ModelConfig;
}

/** Reads the inputs of a workload. */
export function readInputs(folder: string): Inputs {
  const { ids, mask, shape } = JSON.parse(readFileSync(workloadFiles(folder).inputs, 'utf8')) as StoredInputs;
  return { ids: Int32Array.from(ids), mask: Float32Array.from(mask), shape };
}

// Time of one training step of a Transformer (plain TensorFlow.js operations, Adam) on the backend onnx, beside the same
// step in PyTorch (eager, float32) where Python has torch.
//
//   node tools/run.mjs tools/bench/train-step.ts            PYTHON=<python with torch>, --configs 2x64,6x384
//
// Every measurement runs in a process of its own. The last line is JSON.
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs';

interface Config {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly batch: number;
  readonly length: number;
  readonly steps: number;
}

interface Measurement {
  readonly ms: number;
  readonly peakRssBytes: number;
}

const configs: Record<string, Config> = {
  '2x64': { layers: 2, width: 64, heads: 2, batch: 16, length: 16, steps: 60 },
  '6x384': { layers: 6, width: 384, heads: 6, batch: 32, length: 64, steps: 8 },
};
const warmUpSteps = 4;
const classes = 10;

const { values } = parseArgs({
  options: { measure: { type: 'string' }, configs: { type: 'string', default: Object.keys(configs).join() } },
});

if (values.measure === undefined) compare(values.configs.split(','));
else console.log(JSON.stringify(await measure(configs[values.measure]!)));

function compare(names: string[]): void {
  const results = names.map((name) => {
    const ours = measureOurs(name);
    const pytorch = measurePyTorch(name);
    const timeRatio = pytorch === null ? null : ours.ms / pytorch.ms;
    console.log(describe(name, ours, pytorch));
    return [name, { ours, pytorch, timeRatio }] as const;
  });
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
  };
  console.log(JSON.stringify({ bench: 'train-step', machine, configs: Object.fromEntries(results) }));
}

function describe(name: string, ours: Measurement, pytorch: Measurement | null): string {
  const text = ({ ms, peakRssBytes }: Measurement) => `${ms.toFixed(1)} ms, ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB`;
  return `${name}: onnx ${text(ours)}; PyTorch ${pytorch === null ? 'not installed' : text(pytorch)}`;
}

function measureOurs(name: string): Measurement {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--measure', name];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the measurement of ${name} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measurement;
}

/** Null where Python or torch is not installed. */
function measurePyTorch(name: string): Measurement | null {
  const script = fileURLToPath(new URL('train-step.py', import.meta.url));
  const config = JSON.stringify({ ...configs[name]!, warmUpSteps, classes });
  const { stdout, status } = spawnSync(process.env.PYTHON ?? 'python3', [script, config], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout.trim()) as Measurement) : null;
}

async function measure(config: Config): Promise<Measurement> {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  const { batch, length, width, steps } = config;
  const logits = transformer(config);
  const optimizer = tf.train.adam(1e-4);
  const x = tf.randomNormal([batch, length, width]);
  const labels = tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(classes, 'int32')), classes);
  const times: number[] = [];
  for (let step = 0; step < warmUpSteps + steps; step++) {
    const start = performance.now();
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(x)) as tf.Scalar, true)!;
    loss.dataSync();
    loss.dispose();
    if (step >= warmUpSteps) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { ms: times[Math.floor(times.length / 2)]!, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

/** A pre-norm Transformer with mean pooling: (B, N, D) → (B, classes). */
function transformer({ layers, width, heads }: Config): (x: tf.Tensor) => tf.Tensor {
  const weights = (...shape: number[]) => tf.variable(tf.randomNormal(shape, 0, 0.02));
  const norm = () => ({ gain: tf.variable(tf.ones([width])), shift: tf.variable(tf.zeros([width])) });
  const linear = (from: number, to: number) => ({ weight: weights(from, to), bias: tf.variable(tf.zeros([to])) });
  const blocks = Array.from({ length: layers }, () => ({
    norm1: norm(),
    qkv: linear(width, 3 * width),
    out: linear(width, width),
    norm2: norm(),
    up: linear(width, 4 * width),
    down: linear(4 * width, width),
  }));
  const head = weights(width, classes);
  return (x) => {
    let hidden = x;
    for (const block of blocks) {
      const [qkv, out] = [project(normalise(hidden, block.norm1), block.qkv), block.out];
      hidden = tf.add(hidden, project(attend(qkv, heads), out));
      hidden = tf.add(hidden, project(gelu(project(normalise(hidden, block.norm2), block.up)), block.down));
    }
    return tf.matMul(tf.mean(hidden, 1), head as tf.Tensor2D);
  };
}

function project(x: tf.Tensor, { weight, bias }: { weight: tf.Tensor; bias: tf.Tensor }): tf.Tensor {
  const [from, to] = weight.shape as [number, number];
  const rows = tf.add(tf.matMul(tf.reshape(x, [-1, from]), weight as tf.Tensor2D), bias);
  return tf.reshape(rows, [...x.shape.slice(0, -1), to]);
}

function normalise(x: tf.Tensor, { gain, shift }: { gain: tf.Tensor; shift: tf.Tensor }): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain), shift);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** Multi-head self-attention over packed queries, keys and values: (B, N, 3·D) → (B, N, D). */
function attend(qkv: tf.Tensor, heads: number): tf.Tensor {
  const [batch, length, packed] = qkv.shape as [number, number, number];
  const size = packed / 3 / heads;
  const split = tf.transpose(tf.reshape(qkv, [batch, length, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [query, key, value] = tf.unstack(split) as [tf.Tensor, tf.Tensor, tf.Tensor]; // (B, H, N, D/H)
  const scores = tf.softmax(tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(size)));
  return tf.reshape(tf.transpose(tf.matMul(scores, value), [0, 2, 1, 3]), [batch, length, packed / 3]);
}

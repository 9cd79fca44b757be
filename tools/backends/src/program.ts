// Runs inside a scratch folder, in a process of its own: node program.mjs <backend | best>.
// Prints which backend was taken and the losses of a few training steps on it.
import { type BackendName, initialize, Module, RandomKey, trainingContext, useBackend } from '@polymodal/core';
import { Linear, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What the program prints, as its last line. */
export interface Report {
  readonly name: BackendName;
  readonly description: string;
  readonly passedOver: readonly { readonly name: BackendName; readonly reason: string }[];
  readonly losses: readonly number[];
  readonly node: string;
}

const [batch, length, hiddenSize] = [4, 8, 16];

/** A Transformer layer and a linear one: matrix products, softmax, normalisation, GELU and their gradients. */
class Classifier extends Module {
  readonly layer = new TransformerLayer({ hiddenSize, numAttentionHeads: 2, intermediateSize: 32 });
  readonly logits = new Linear(hiddenSize, 1);

  loss(tokens: tf.Tensor3D, targets: tf.Tensor2D, key: RandomKey): tf.Scalar {
    const mask = tf.ones([batch, length]) as tf.Tensor2D;
    const hidden = this.layer.forward(tokens, mask, trainingContext(key, this));
    return tf.losses.sigmoidCrossEntropy(targets, this.logits.forward(tf.mean(hidden, 1)));
  }
}

const wanted = process.argv[2] as BackendName | 'best';
const { name, description, passedOver } = await useBackend(wanted === 'best' ? undefined : wanted);
const report: Report = { name, description, passedOver, losses: await train(), node: process.version };
console.log(JSON.stringify(report));

async function train(): Promise<number[]> {
  const model = new Classifier();
  initialize(model, RandomKey.from(7));
  const values = Float32Array.from({ length: batch * length * hiddenSize }, (_, i) => Math.sin(i * 0.37));
  const tokens = tf.tensor3d(values, [batch, length, hiddenSize]);
  const targets = tf.tensor2d([[1], [0], [1], [0]]);
  const optimizer = tf.train.adam(0.01);
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const loss = optimizer.minimize(() => model.loss(tokens, targets, RandomKey.from(step)), true)!;
    losses.push((await loss.data())[0]!);
    loss.dispose();
  }
  return losses;
}

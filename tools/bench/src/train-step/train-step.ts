import { RandomKey, trainingContext } from '@polymodal/core';
import { softmaxCrossEntropy } from '@polymodal/nn';
import { AdamW, assignGroups } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainStepConfig } from './configs';
import type { TransformerClassifier } from './transformer-classifier';

/** A batch on the device: (B, N, D) and the indices of its classes (B). */
export type TrainingTensors = { readonly tokens: tf.Tensor3D; readonly labels: tf.Tensor1D };

/** Makes the function that takes one training step: forward, backward, Adam. It gives the loss before the step. */
export function trainStep(model: TransformerClassifier, { numLabels, learningRate }: TrainStepConfig) {
  const parameters = assignGroups(model, [], { learningRate, weightDecay: 0 });
  const variables = parameters.map(({ parameter }) => parameter.value);
  const optimizer = new AdamW(parameters, { betas: [0.9, 0.999], epsilon: 1e-8 });
  const context = trainingContext(RandomKey.from(0), model);
  return ({ tokens, labels }: TrainingTensors): tf.Scalar =>
    tf.tidy(() => {
      const targets = tf.oneHot(labels, numLabels);
      const loss = () => tf.mean<tf.Scalar>(softmaxCrossEntropy(model.forward(tokens, context), targets));
      const { value, grads } = tf.variableGrads(loss, variables);
      const gradients = parameters.map(({ path, parameter }) => [path, grads[parameter.value.name]!] as const);
      optimizer.update(Object.fromEntries(gradients), { learningRate: (full) => full });
      return value;
    });
}

import { RandomKey, trainingContext } from '@polymodal/core';
import { softmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';
import { Adam } from './adam';
import type { TrainStepConfig } from './configs';
import type { TransformerClassifier } from './transformer-classifier';
import type { TrainingBatch } from './workload';

/** Makes the function that takes one training step: upload, forward, backward, Adam. It gives the loss before the step. */
export function trainStep(model: TransformerClassifier, { numLabels, learningRate }: TrainStepConfig) {
  const parameters = [...model.parameters().values()];
  const variables = parameters.map(({ value }) => value);
  const optimizer = new Adam(parameters, learningRate);
  const context = trainingContext(RandomKey.from(0));
  return ({ features, labels }: TrainingBatch): tf.Scalar =>
    tf.tidy(() => {
      const tokens = tf.tensor<tf.Rank.R3>(features.data, [...features.shape] as [number, number, number]);
      const targets = tf.oneHot(tf.tensor1d(labels.data, 'int32'), numLabels);
      const loss = () => tf.mean<tf.Scalar>(softmaxCrossEntropy(model.forward(tokens, context), targets));
      const { value, grads } = tf.variableGrads(loss, variables);
      optimizer.update(variables.map(({ name }) => grads[name]!));
      return value;
    });
}

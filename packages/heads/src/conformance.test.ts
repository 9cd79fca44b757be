import type { HeadDefinition } from '@polymodal/core';
import { describeHead } from '@polymodal/testing';
import { boxes } from './boxes/boxes';
import { classification } from './classification-head';
import { contrastive } from './contrastive-head';
import { expertClassification } from './expert-classification-head';
import { maskedAutoencoder } from './masked/masked-autoencoder';
import { matching } from './matching';
import { multiLabel } from './multi-label-head';
import { ordinal } from './ordinal-head';
import { quantileRegression } from './quantile-regression-head';
import { regression } from './regression-head';
import { BlockReader } from './testing/block-reader';

describeHead(classification, {
  config: { labels: ['cat', 'dog', 'fish'] },
  targets: (key) => ({ subject: key.integer(0, 3) }),
});
describeHead(classification, {
  config: { labels: 4, hiddenSizes: [6, 5], labelSmoothing: 0.1, dropout: 0.2, target: 'digit' },
  targets: (key) => ({ digit: String(key.integer(0, 4)) }),
});
describeHead(expertClassification, {
  config: { labels: 3, labelSmoothing: 0.1, dropout: 0.2, expertWeight: 0.5 },
  targets: (key) => ({ subject: key.integer(0, 3) }),
});
describeHead(contrastive, { config: { embeddingSize: 6 } });
describeHead(contrastive, {
  config: { modalities: ['image', 'audio'], target: 'digit' },
  targets: (key) => ({ digit: key.integer(0, 3) }),
  target: { takes: (raw) => typeof raw === 'boolean' },
});
describeHead(contrastive, {
  config: { loss: 'sigmoid', projection: 'mlp', projectionAct: 'gelu', embeddingSize: 6, bias: -1 },
});
describeHead(contrastive, { config: { projection: 'none', scalePerModality: true } });
describeHead(classification, {
  config: { labels: 3, classWeights: 'balanced', focalGamma: 2, labelSmoothing: 0.1 },
  targets: (key) => ({ subject: key.integer(0, 3) }),
});
describeHead(regression, {
  config: { loss: 'huber', hiddenSizes: [5], dropout: 0.1 },
  targets: (key) => ({ subject: 1000 + 50 * key.normal(1)[0] }),
});
describeHead(regression, {
  config: { scale: 'none', target: 'grams' },
  targets: (key) => ({ grams: key.normal(1)[0] }),
});
describeHead(quantileRegression, {
  config: { levels: [0.1, 0.5, 0.9] },
  targets: (key) => ({ subject: 7 + key.normal(1)[0] }),
});
describeHead(multiLabel, {
  config: { labels: ['a', 'b', 'c'], positiveWeights: 'balanced', labelSmoothing: 0.1, focalGamma: 2, dropout: 0.1 },
  targets: (key) => ({
    subject: key.integer(0, 2) ? ['a', 'b', 'c'].filter((_, i) => key.fold(i).integer(0, 2)) : { b: true },
  }),
  target: { takes: (raw) => JSON.stringify(raw) === '{}' },
});
describeHead(matching, {
  config: { modalities: ['text', 'image'], hiddenSizes: [5], dropout: 0.1 },
  trainingOnly: ['samplingTemperature'],
  parent: { definition: contrastive as HeadDefinition, config: { embeddingSize: 6 } },
});
describeHead(matching, { modalities: ['text', 'audio'], trainingOnly: ['samplingTemperature'] });
for (const omits of [true, false]) {
  describeHead(maskedAutoencoder, {
    config: { of: 'text', ratio: 0.5, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2 },
    modalities: ['image', 'text'],
    encoder: (_, hiddenSize) => new BlockReader(hiddenSize, omits),
  });
}
describeHead(ordinal, {
  config: { labels: 4, hiddenSizes: [5], dropout: 0.1 },
  targets: (key) => ({ subject: key.integer(0, 4) }),
});

/** With one query nothing is matched, so that the loss has a gradient wherever it is looked at. */
const ofBoxes = { of: 'text', numAttentionHeads: 2, intermediateSize: 12, bucketSize: 2 };

/** Things in signals as pictures, of any number of steps and three pixels high. */
describeHead(boxes, {
  config: {
    ...{ ...ofBoxes, format: 'xyxy', labels: ['cup', 'plate'], numQueries: 1, numHiddenLayers: 2, hiddenSize: 8 },
    ...{ startsFrom: 'pooled' },
  },
  targets: (key) => ({
    subject: Array.from({ length: key.integer(0, 2) }, (_, index) => {
      const top = 0.5 * key.fold(index).integer(0, 3);
      return { box: [0.1, top, 0.75, top + 1.2], label: index ? 'cup' : 'plate' };
    }),
  }),
  target: {
    invalid: [7, [{ box: [0, 0, 1] }], [{ box: [1, 1, 0, 2], label: 'cup' }], [{ box: [0, 0, 1, 1], label: 'cap' }]],
  },
});
describeHead(boxes, {
  config: { ...ofBoxes, format: 'xywh', attendsTo: 'text', numQueries: 2, numHiddenLayers: 1, auxiliaryLoss: false },
  targets: (key) => ({ subject: [{ box: [0, 0.5 * key.integer(0, 2), 1, 1.5] }] }),
});

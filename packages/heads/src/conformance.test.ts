import { describeHead } from '@polymodal/testing';
import { classification } from './classification-head';
import { contrastive } from './contrastive-head';
import { expertClassification } from './expert-classification-head';

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

import type { RandomKey } from '@polymodal/core';
import { describeHead } from './describe-head';
import { captionHead } from './doubles/caption-head';
import { referenceHead } from './doubles/reference-head';

const targets = (key: RandomKey) => ({ subject: key.normal(1)[0] });

describeHead(referenceHead, { targets });
describeHead(referenceHead, { targets, parent: { definition: referenceHead } });
describeHead(captionHead, {
  config: { bucketSize: 4 },
  hiddenSize: 4,
  targets: (key) => ({ subject: 'süß-sauer'.slice(key.integer(0, 8)) }),
  target: { takes: (raw) => typeof raw === 'string' },
});

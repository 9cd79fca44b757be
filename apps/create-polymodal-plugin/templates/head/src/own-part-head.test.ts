import { hostTensor } from '@polymodal/core';
import { describeHead } from '@polymodal/testing';
import { expect, it } from 'vitest';
import { OwnPartHead, OwnPartTarget, ownPartHead } from './index.js';

describeHead(ownPartHead, {
  config: { scale: 2 },
  targets: (key) => ({ subject: key.normal(1)[0] }),
  target: { invalid: ['7', [7], Number.POSITIVE_INFINITY, 1e300] },
});

// The conformance kit cannot know what your head computes: hold that against something you did not write.
it('answers and evaluates in the units of the targets', () => {
  const head = new OwnPartHead(4, 100);
  const target = new OwnPartTarget(100);
  expect(target.process(250).amount.data[0]).toBe(2.5);
  const answers = head.answers({ estimates: hostTensor(Float32Array.of(2.5, 1, 3), [3]) });
  expect(answers).toEqual([250, 100, 300]);
  const rows = [target.process(200), undefined, target.process(300)];
  expect(head.evaluate(answers, rows)).toEqual({ meanAbsoluteError: 25 }); // (50 + 0) / 2
});

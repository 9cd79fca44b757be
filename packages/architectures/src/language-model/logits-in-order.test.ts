import { logitsProcessors } from '@polymodal/generation';
import { expect, it } from 'vitest';
import { casesOf, logitsOf } from '../testing/language-models';

it('the processors of logits come one after the other as in generate, when all of them are asked for', () => {
  const drawn = casesOf('gpt2').find(({ scores }) => scores)!;
  const { prompts, options, continuations, scores } = drawn;
  const eosTokenIds = [options.eosTokenId ?? []].flat();
  const processors = logitsProcessors({ ...options, eosTokenIds, minNewTokens: options.minNewTokens ?? 0 });
  expect(processors).toHaveLength(11);
  prompts.forEach((prompt, row) => {
    for (let step = 0; step < continuations[row].length; step++) {
      const own = logitsOf(drawn.logits![step][row]);
      const text = { ids: [...prompt, ...continuations[row].slice(0, step)], promptLength: prompt.length };
      for (const process of processors) process(own, text);
      const theirs = logitsOf(scores![step][row]);
      const kept = (values: Float32Array) => [...values.keys()].filter((id) => Number.isFinite(values[id]));
      expect(kept(own)).toEqual(kept(theirs));
      for (const id of kept(own)) expect(Math.abs(own[id] - theirs[id])).toBeLessThan(5e-5);
    }
  });
});

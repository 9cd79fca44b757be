import { ConfigError, composeModel, createRegistry, RandomKey } from '@polymodal/core';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { describe, expect, it } from 'vitest';
import { imu } from './index.js';

type Options = Partial<Record<'hiddenSize' | 'stride' | 'reach', number>>;

const compose = (options: Options = {}, hiddenSize = 8) =>
  composeModel(createRegistry([imu, fusion, heads]), {
    hiddenSize,
    encoders: { motion: { use: 'imu-conv', channels: 1, numAttentionHeads: 1, ...options } },
    fusion: { use: 'mean' },
    heads: { side: { use: 'classification', labels: 2 } },
  });

describe('ImuConv', () => {
  it('sees no more than its reach: what no token sees changes no answer', async () => {
    const model = compose({ stride: 5, reach: 1 }); // tokens at 0, 5, 10 see 0, 1, 4, 5, 6, 9, 10, 11
    const readings = Array.from(RandomKey.from(1).normal(12), (value) => [value]);
    const changed = (index: number) => readings.map((reading, t) => (t === index ? [reading[0] + 3] : reading));
    const ask = async (recording: number[][]) => model.predict([{ motion: { readings: recording, rate: 50 } }]);
    const answer = await ask(readings);
    for (let index = 0; index < 12; index++) {
      const seen = [0, 1, 4, 5, 6, 9, 10, 11].includes(index);
      expect([index, JSON.stringify(await ask(changed(index))) !== JSON.stringify(answer)]).toEqual([index, seen]);
    }
  });

  it('refuses an odd width, its own or that of the model', () => {
    expect(() => compose({ hiddenSize: 7 })).toThrow(ConfigError);
    expect(() => compose({}, 7)).toThrow('encoders.motion.hiddenSize: expected an even number, received 7');
    expect(() => compose({ hiddenSize: 6 }, 7)).not.toThrow();
  });
});

import {
  type Batch,
  type Context,
  type Encoders,
  type Fused,
  fusedPart,
  initialize,
  mapRecord,
  Parameter,
  RandomKey,
  type SlotStart,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fusionCase } from '../cases/fusion-case';
import { addedModalityIsIdentity } from '../checks/added-modality-is-identity';
import { attentionIsShares } from '../checks/attention-is-shares';
import { encodersLearnThroughFusion } from '../checks/encoders-learn-through-fusion';
import { encodersMayHaveOtherWidths } from '../checks/encoders-may-have-other-widths';
import { encodingsStayUntouched } from '../checks/encodings-stay-untouched';
import { everyParameterLearns } from '../checks/every-parameter-learns';
import { everySubsetWorks } from '../checks/every-subset-works';
import { fusedTokensAreCounted } from '../checks/fused-tokens-are-counted';
import { gradientsMatchFiniteDifferences } from '../checks/gradients-match-finite-differences';
import { maskedTokensCannotLeak } from '../checks/masked-tokens-cannot-leak';
import { mixedRowsEqualRowsAlone } from '../checks/mixed-rows-equal-rows-alone';
import { modalitiesAloneTrain } from '../checks/modalities-alone-train';
import { otherRowsCannotLeak } from '../checks/other-rows-cannot-leak';
import { ownersAreTheSlotsOfTheRow } from '../checks/owners-are-the-slots-of-the-row';
import { rowsWithoutModalityAreRefused } from '../checks/rows-without-modality-are-refused';
import { startsMayBeKept } from '../checks/starts-may-be-kept';
import { ReferenceFusion, referenceFusion } from '../doubles/reference-fusion';
import { complaint } from './complaint';

type Forward = (fused: Fused, batch: Batch, encoders: Encoders, context: Context) => Fused;

/** The reference fusion, its result changed. */
function broken(change: Forward) {
  class Changed extends ReferenceFusion {
    override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
      return change(super.forward(encoders, batch, context), batch, encoders, context);
    }
  }
  return ofClass(Changed);
}

function ofClass(Class: typeof ReferenceFusion) {
  return fusionCase(
    { ...referenceFusion, create: (_, { hiddenSize, encoders }) => new Class(hiddenSize, encoders) },
    {},
  );
}

/** The reference fusion, which begins with the first layer of what encodes texts. */
class StartingFusion extends ReferenceFusion {
  override start(encoders: Encoders): SlotStart {
    const { text } = encoders;
    const compute: SlotStart['compute'] = (input, context) => ({
      start: text.layer(0, text.embed(input, context), context).tokens,
    });
    return { slot: 'text', uses: (path) => text.layerOf(path) <= 1, compute };
  }

  override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const { text } = encoders;
    const encode: typeof text.encode = (input) => {
      const embedded = text.embed(input, context);
      const started = input.features.start as tf.Tensor3D;
      const state = { nextLayer: 1 };
      return text.finish(text.layer(1, { ...embedded, tokens: started, state }, context), context);
    };
    const isStarted = batch.modalities.text?.features.start !== undefined;
    const own = isStarted ? { ...encoders, text: Object.assign(Object.create(text), { encode }) } : encoders;
    return super.forward(own, batch, context);
  }
}

/** The same, its start changed. */
function brokenStart(change: (start: SlotStart, encoders: Encoders) => Partial<SlotStart>) {
  class Changed extends StartingFusion {
    override start(encoders: Encoders): SlotStart {
      const start = super.start(encoders);
      return { ...start, ...change(start, encoders) };
    }
  }
  return ofClass(Changed);
}

describe('the kit finds a fusion', () => {
  it('that makes of a slot alone what it does not go on from, or by parameters that it does not name', async () => {
    await startsMayBeKept(await ofClass(StartingFusion));
    const another = brokenStart(({ compute }) => ({
      compute: (input, context) => mapRecord(compute(input, context), (own) => tf.mul(own, 1.01)),
    }));
    await expect(startsMayBeKept(await another)).rejects.toThrow(/given back/);
    const silent = brokenStart((_, { text }) => ({ uses: (path) => text.layerOf(path) === 1 }));
    await expect(startsMayBeKept(await silent)).rejects.toThrow(/parameters changed that it does not use/);
    const tooMany = brokenStart(() => ({ uses: () => true }));
    await expect(startsMayBeKept(await tooMany)).rejects.toThrow(/parameters changed that made it/);
    const taken = brokenStart(({ compute }) => ({
      compute: (input, context) => ({ values: compute(input, context).start }),
    }));
    await expect(startsMayBeKept(await taken)).rejects.toThrow(/names that features of "text" do not have/);
    const nothing = brokenStart(() => ({ compute: () => ({}) }));
    await expect(startsMayBeKept(await nothing)).rejects.toThrow(/nothing of any/);
    const elsewhere = brokenStart(() => ({ slot: 'smell' }));
    await expect(startsMayBeKept(await elsewhere)).rejects.toThrow(/a slot: image, text, audio/);
  });

  it('that needs all modalities', async () => {
    const subject = await broken((fused) => {
      const means = ['image', 'text', 'audio'].map((modality) => tf.mean(fusedPart(fused, 'encoded')[modality].pooled));
      return { ...fused, pooled: tf.add(fused.pooled, tf.addN(means)) };
    });
    await expect(everySubsetWorks(subject)).rejects.toThrow(TypeError);
  });

  it('that counts the values of a sample and not their tokens', async () => {
    class Counting extends ReferenceFusion {
      override tokenCount(_: Encoders, features: object): number {
        return Object.keys(features).length;
      }
    }
    const subject = await ofClass(Counting);
    expect(await complaint(() => fusedTokensAreCounted(subject))).toMatch(/expected tokenCount\(\) to say \d+/);
  });

  it('that has no gradient where a single modality has no spread', async () => {
    const subject = await broken((fused) => {
      const vectors = Object.values(fusedPart(fused, 'encoded')).map(({ pooled }) => tf.mean<tf.Scalar>(pooled));
      const spread = tf.sqrt(tf.moments(tf.stack(vectors)).variance);
      return { ...fused, pooled: tf.add(fused.pooled, spread) };
    });
    await everySubsetWorks(subject);
    expect(await complaint(() => modalitiesAloneTrain(subject))).toMatch(/only \w+, parameter .*finite gradient/);
  });

  it('that gives a token to a slot which the row lacks, or padding to one that it has', async () => {
    const owning = (change: (map: tf.Tensor2D, fused: Fused) => tf.Tensor) =>
      broken((fused) => {
        const { map, slots } = fusedPart(fused, 'owner');
        return { ...fused, owner: { map: change(map, fused) as tf.Tensor2D, slots } };
      });
    const first = await owning((map) => tf.zerosLike(map));
    expect(await complaint(() => everySubsetWorks(first))).toMatch(
      /owner of token .*: expected (−1|a slot that the row has)/,
    );
    const beyond = await owning((map) => tf.add(map, 1));
    expect(await complaint(() => everySubsetWorks(beyond))).toContain('owner of token');
    const nobodys = await owning((map) => tf.sub(tf.zerosLike(map), 1));
    expect(await complaint(() => ownersAreTheSlotsOfTheRow(nobodys))).toContain('expected a token that belongs to');
    const hoarding = await owning((map, { mask }) => {
      const isFirst = tf.equal(tf.max(map, 1, true), 2); // rows that have audio give it what is of text
      return tf.where(tf.logicalAnd(isFirst, tf.equal(map, 1)), tf.mul(tf.cast(mask, 'int32'), 2), map);
    });
    expect(await complaint(() => ownersAreTheSlotsOfTheRow(hoarding))).toMatch(/token that belongs to text|as without/);
  });

  it('that gives a part which it does not offer, or not one that it does', async () => {
    class Silent extends ReferenceFusion {
      override readonly offers = ['encoded'] as const;
    }
    expect(await complaint(async () => everySubsetWorks(await ofClass(Silent)))).toContain('parts that it offers');
    class Boasting extends ReferenceFusion {
      override readonly offers = ['encoded', 'owner', 'gates'] as const;
    }
    expect(await complaint(async () => everySubsetWorks(await ofClass(Boasting)))).toContain('parts that it offers');
  });

  it('whose gates are open in rows that lack the slot, or have another form', async () => {
    const gated = (gates: (size: number) => tf.Tensor2D) => {
      class Gated extends ReferenceFusion {
        override readonly offers = ['encoded', 'owner', 'gates'] as const;
        override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
          return { ...super.forward(encoders, batch, context), gates: { audio: gates(batch.size) } };
        }
      }
      return ofClass(Gated);
    };
    const open = await gated((size) => tf.ones([size, 2]));
    expect(await complaint(() => everySubsetWorks(open))).toMatch(/gates of audio in row \d+, which lacks it/);
    const single = await gated(() => tf.zeros([1, 2]));
    expect(await complaint(() => everySubsetWorks(single))).toContain('gates of audio: expected');
  });

  it('that uses slots which a row lacks, or more of one than there is', async () => {
    const using = (usage: (size: number) => tf.Tensor2D) => {
      class Using extends ReferenceFusion {
        override readonly offers = ['encoded', 'owner', 'usage'] as const;
        override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
          return { ...super.forward(encoders, batch, context), usage: { audio: usage(batch.size) } };
        }
      }
      return ofClass(Using);
    };
    const absent = await using((size) => tf.ones([size, 2]));
    expect(await complaint(() => everySubsetWorks(absent))).toMatch(/usage of audio in row \d+, which lacks it/);
    const more = await using((size) => tf.mul(tf.ones([size, 2]), 1.1));
    expect(await complaint(() => everySubsetWorks(more))).toContain('shares from 0 to 1');
    const mixing = await using((size) => tf.tensor2d(new Float32Array(size).fill(1 / size), [size, 1]));
    expect(await complaint(() => everySubsetWorks(mixing))).toContain('usage of audio');
  });

  it('that tells of attention to what is not there, of more than all, or of other rows', async () => {
    const telling = (shares: (batch: Batch, row: number) => number) =>
      broken((fused, batch, _, context) => {
        const values = Array.from({ length: batch.size }, (_, row) => [[shares(batch, row)]]);
        context.tellAttention?.({ place: 'eyes', query: undefined, slot: 'audio', weights: tf.tensor3d(values) });
        return fused;
      });
    const hears = ({ modalities }: Batch, row: number) => Number(modalities.audio?.rows.includes(row) ?? false);
    attentionIsShares(await telling(hears));
    const absent = await telling(() => 0.5);
    expect(await complaint(async () => attentionIsShares(absent))).toContain('which it lacks');
    const more = await telling((batch, row) => 1.1 * hears(batch, row));
    expect(await complaint(async () => attentionIsShares(more))).toContain('shares to 1 at most in eyes');
    const less = await telling((batch, row) => -hears(batch, row));
    expect(await complaint(async () => attentionIsShares(less))).toContain('shares from 0 to 1 in eyes');
    const mixing = await telling((batch, row) => hears(batch, row) / batch.size);
    expect(await complaint(async () => attentionIsShares(mixing))).toContain('as alone');
  });

  it('that gives numbers for a row without what it requires', async () => {
    class Demanding extends ReferenceFusion {
      override readonly requires = { all: ['text'] };
    }
    expect(await complaint(async () => rowsWithoutModalityAreRefused(await ofClass(Demanding)))).toContain(
      'a row with image alone: expected an error',
    );
  });

  it('that has no encoding of a modality that is there', async () => {
    const subject = await broken((fused) => ({ ...fused, encoded: {} }));
    expect(await complaint(() => everySubsetWorks(subject))).toContain('encoded rows of');
  });

  it('that gives numbers for a row without any modality', async () => {
    const filled = (batch: Batch): Batch => {
      const rows = Int32Array.from({ length: batch.size }, (_, row) => row);
      const features = { values: tf.zeros([batch.size, 4, 3]), mask: tf.ones([batch.size, 4]) };
      return { ...batch, modalities: { ...batch.modalities, image: { rows, features } } };
    };
    class Changed extends ReferenceFusion {
      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        return super.forward(encoders, filled(batch), context);
      }
    }
    expect(await complaint(async () => rowsWithoutModalityAreRefused(await ofClass(Changed)))).toContain(
      'a row without any modality: expected an error',
    );
  });

  it('that averages over the batch', async () => {
    const subject = await broken((fused) => ({
      ...fused,
      pooled: tf.sub(fused.pooled, tf.mean(fused.pooled, 0, true)),
    }));
    expect(await complaint(() => mixedRowsEqualRowsAlone(subject))).toContain('in a mixed batch: pooled');
    expect(await complaint(() => otherRowsCannotLeak(subject))).toContain('with NaN in all features of row');
  });

  it('that mixes a little of the first row into all others', async () => {
    const subject = await broken((fused) => {
      const first = tf.slice(fused.pooled, [0, 0], [1, -1]);
      return { ...fused, pooled: tf.add(fused.pooled, tf.mul(first, 1e-3)) };
    });
    expect(await complaint(() => mixedRowsEqualRowsAlone(subject))).toContain('pooled');
  });

  it('that depends on the order of the batch', async () => {
    const subject = await broken((fused, batch) => {
      const [first] = Object.keys(batch.modalities);
      return { ...fused, pooled: first === 'image' ? fused.pooled : tf.mul(fused.pooled, 1.001) };
    });
    expect(await complaint(() => mixedRowsEqualRowsAlone(subject))).toContain('pooled');
  });

  it('that fills the place of an absent row from another one and multiplies it by 0', async () => {
    const subject = await broken((fused) => {
      const filler = tf.mul(tf.mean(fused.pooled, 0, true), 0);
      return { ...fused, pooled: tf.add(fused.pooled, filler) };
    });
    expect(await complaint(() => otherRowsCannotLeak(subject))).toContain('with NaN in all features of row');
  });

  it('that pools over masked tokens', async () => {
    const subject = await broken((fused) => {
      const encoded = fusedPart(fused, 'encoded');
      const leaked = tf.mean(Object.values(encoded)[0].tokens);
      return { ...fused, pooled: tf.add(fused.pooled, leaked) };
    });
    expect(await complaint(() => maskedTokensCannotLeak(subject))).toContain('pooled');
  });

  it('whose encodings depend on the other modalities', async () => {
    const subject = await broken((fused, batch) => {
      const { image, ...rest } = fusedPart(fused, 'encoded');
      if (!image || Object.keys(batch.modalities).length === 1) return fused;
      return { ...fused, encoded: { image: { ...image, pooled: tf.mul(image.pooled, 2) }, ...rest } };
    });
    expect(await complaint(() => encodingsStayUntouched(subject))).toContain('encoding of image');
  });

  it('that cuts the gradient to an encoder', async () => {
    const cut = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
    }));
    const subject = await broken((fused) => ({
      ...fused,
      pooled: cut(fused.pooled) as tf.Tensor2D,
      tokens: cut(fused.tokens) as tf.Tensor3D,
    }));
    expect(await complaint(() => encodersLearnThroughFusion(subject))).toContain('encoder of image');
    expect(await complaint(() => everyParameterLearns(subject))).toContain('a gradient that is not zero');
  });

  it('that hands a wrong gradient on to its encoders', async () => {
    const wrong = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, -1),
    }));
    class Changed extends ReferenceFusion {
      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        const wrapped = Object.entries(encoders).map(([modality, encoder]) => {
          const copy = Object.create(encoder) as typeof encoder;
          copy.encode = (input, own) => {
            const encoded = encoder.encode(input, own);
            return { ...encoded, tokens: wrong(encoded.tokens) as tf.Tensor3D };
          };
          return [modality, copy];
        });
        return super.forward(Object.fromEntries(wrapped), batch, context);
      }
    }
    const subject = await ofClass(Changed);
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('all parameters together');
  });

  /** A fusion that works between the layers, and what it makes of the tokens there. */
  function between(change: (tokens: Tokens) => Tokens) {
    class Changed extends ReferenceFusion {
      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        const walked = Object.entries(encoders).map(([modality, encoder]) => {
          const copy = Object.create(encoder) as typeof encoder;
          copy.encode = (input, own) => {
            let tokens = encoder.embed(input, own);
            for (let index = 0; index < encoder.depth; index++) tokens = encoder.layer(index, change(tokens), own);
            return encoder.finish(tokens, own);
          };
          return [modality, copy];
        });
        return super.forward(Object.fromEntries(walked), batch, context);
      }
    }
    return ofClass(Changed);
  }

  it('that loses what an encoder knows of its tokens between the layers', async () => {
    const subject = await between(({ tokens, mask, rows }) => ({ tokens, mask, rows }));
    expect(await complaint(() => everySubsetWorks(subject))).toContain('expected that of tokens before layer 0');
  });

  it('but none that replaces tokens alone', async () => {
    await everySubsetWorks(await between((tokens) => withTokens(tokens, tf.mul(tokens.tokens, 2))));
  });

  it('that has another width with wide encoders than it says', async () => {
    class Changed extends ReferenceFusion {
      readonly width: number;

      constructor(hiddenSize: number, encoders: Encoders) {
        super(hiddenSize, encoders);
        this.width = encoders.image.hiddenSize;
      }

      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        const fused = super.forward(encoders, batch, context);
        return { ...fused, pooled: tf.tile(fused.pooled, [1, this.width / this.hiddenSize]) };
      }
    }
    expect(await complaint(async () => encodersMayHaveOtherWidths(await ofClass(Changed)))).toContain(
      "expected pooled vectors of the fusion's width 16, received 32",
    );
  });

  it('whose added modality changes the others at once', async () => {
    const subject = await ofClass(ReferenceFusion);
    expect(await complaint(() => addedModalityIsIdentity(subject, 'audio'))).toContain('before the first step: pooled');
  });

  it('but none where a gate of zero keeps the added modality out', async () => {
    class Gated extends ReferenceFusion {
      readonly gate = new Parameter([1], () => new Float32Array(1));
      override forward(encoders: Encoders, batch: Batch, context: Context): Fused {
        const { audio, ...others } = batch.modalities;
        const rest = super.forward(encoders, { ...batch, modalities: others }, context);
        if (!audio) return rest;
        const offset = tf.mul(this.gate.value, tf.mean(encoders.audio.encode(audio, context).pooled));
        return { ...rest, pooled: tf.add(rest.pooled, offset) };
      }
    }
    await addedModalityIsIdentity(await ofClass(Gated), 'audio');
    const opened = await ofClass(Gated);
    const build = () => {
      const built = opened.build();
      initialize(built.module, RandomKey.from(0));
      (built.module as Gated).gate.assignValues(Float32Array.of(0.01));
      return built;
    };
    expect(await complaint(() => addedModalityIsIdentity({ ...opened, build }, 'audio'))).toContain('pooled');
  });
});

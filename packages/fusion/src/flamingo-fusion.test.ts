import {
  type AttendedTokens,
  type Batch,
  ConfigError,
  type Encoders,
  type Fused,
  inferenceContext,
  initialize,
  type Module,
  parseConfig,
  RandomKey,
} from '@polymodal/core';
import { followSequence } from '@polymodal/generation';
import { CausalReadings } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { DecoderFusion } from './decoder-fusion';
import { type FlamingoFusion, flamingo } from './flamingo-fusion';
import { fixedEncoders } from './testing/fixed-encoder';

beforeAll(() => tf.ready());

/** Ids of the host's own, and values of pictures between them. */
type Document = readonly (number | 'picture')[];

const placeholder = 10;
const documents: Document[] = [
  [3, 4, 'picture', 5, 'picture', 6],
  [7, 8, 9],
  ['picture', 2],
];
const length = 6;
const host = new CausalReadings(8);
const encoders: Encoders = { text: host, ...fixedEncoders({ modalities: ['image'] }) };

/** By which a document has the same pictures, however it is cut. */
const firstWord = (row: Document) => Number(row.find((part) => part !== 'picture'));

/** @param lacking the documents whose pictures are missing */
function batchOf(rows: readonly Document[], lacking: readonly Document[] = []): Batch {
  const feature = (of: (part: number | 'picture', document: Document, index: number) => number, filler: number) =>
    rows.map((row) => Array.from({ length }, (_, index) => (index < row.length ? of(row[index], row, index) : filler)));
  const ints = (values: number[][]) => tf.tensor2d(values, [rows.length, length], 'int32');
  const count = (row: Document, end = row.length) => row.slice(0, end).filter((part) => part === 'picture').length;
  const having = rows.flatMap((row, index) => (count(row) > 0 && !lacking.includes(row) ? [index] : []));
  const text = {
    inputIds: ints(feature((part) => (part === 'picture' ? placeholder : part), 0)),
    mask: tf.tensor2d(feature(() => 1, 0)),
    placeSlot: ints(feature((part) => (part === 'picture' ? 1 : -1), -1)),
    placeValue: ints(feature((part, row, index) => (part === 'picture' ? count(row, index) : -1), -1)),
  };
  const values = having.map((row) =>
    RandomKey.from(firstWord(rows[row]))
      .fold('pictures')
      .normal(2 * 3 * 6),
  );
  const image = having.length > 0 && {
    rows: Int32Array.from(having),
    features: {
      tokens: tf.tensor3d(Float32Array.from(values.flatMap((own) => [...own])), [having.length, 6, 6]),
      mask: tf.tensor2d(
        having.map((row) => Array.from({ length: 6 }, (_, token) => Number(token < 3 * count(rows[row])))),
      ),
      valueMask: tf.tensor2d(having.map((row) => [1, Number(count(rows[row]) > 1)])),
    },
  };
  return {
    size: rows.length,
    modalities: { text: { rows: Int32Array.from(rows.keys()), features: text }, ...(image && { image }) },
    targets: {},
  };
}

function createFusion(options: object): FlamingoFusion {
  const config = parseConfig(flamingo.config, { numAttentionHeads: 2, every: 2, ...options }, 'fusion');
  return flamingo.create(config, { hiddenSize: 8, encoders }) as FlamingoFusion;
}

function fusionWith(options: object, gates: 'closed' | 'open') {
  const fusion = createFusion(options);
  fill(fusion, gates);
  return (batch: Batch): Fused => fusion.forward(encoders, batch, inferenceContext());
}

function fill(module: Module, gates: 'closed' | 'open'): void {
  initialize(module, RandomKey.from(3));
  for (const [path, parameter] of module.parameters()) {
    if (gates === 'open' || !/Gate$/.test(path))
      parameter.assignValues(RandomKey.from(4).fold(path).normal(parameter.size));
  }
}

/** The language model by itself, to which placeholders are tokens as any. */
function alone(rows: readonly Document[]): tf.Tensor3D {
  const { modalities, ...batch } = batchOf(rows);
  const { placeSlot: _, placeValue: __, ...features } = modalities.text.features;
  const decoder = new DecoderFusion({ host: 'text', projector: 'linear' }, { text: host });
  return decoder.forward(
    { text: host },
    { ...batch, modalities: { text: { ...modalities.text, features } } },
    inferenceContext(),
  ).tokens;
}

/** Some tokens of a row. */
const tokensOf = (tokens: tf.Tensor3D, row: number, begin: number, end: number) => [
  ...tf.slice(tokens, [row, begin, 0], [1, end - begin, 8]).dataSync(),
];

const resampler = { numLatents: 2, numHiddenLayers: 1, numAttentionHeads: 2 };

describe.each([[{}], [{ resampler }], [{ gate: 'vector', qkLayerNorms: true }]])('flamingo with %j', (options) => {
  beforeAll(() => fill(host, 'open'));

  it('is the language model to the bit while its gates are closed', () => {
    for (const unseeing of ['pass', 'feed-forward']) {
      const { tokens } = fusionWith({ ...options, unseeing }, 'closed')(batchOf(documents));
      documents.forEach(({ length: end }, row) => {
        expect(tokensOf(tokens, row, 0, end)).toEqual(tokensOf(alone(documents), row, 0, end));
      });
    }
  });

  it('leaves texts without pictures, and what stands before the first, to the language model, to the bit', () => {
    const { tokens } = fusionWith(options, 'open')(batchOf(documents));
    const expected = alone(documents);
    expect(tokensOf(tokens, 1, 0, 3)).toEqual(tokensOf(expected, 1, 0, 3));
    expect(tokensOf(tokens, 0, 0, 2)).toEqual(tokensOf(expected, 0, 0, 2));
    for (const [row, place] of [
      [0, 2],
      [0, 5],
      [2, 0],
      [2, 1],
    ]) {
      expect(tokensOf(tokens, row, place, place + 1)).not.toEqual(tokensOf(expected, row, place, place + 1));
    }
    const { tokens: fed } = fusionWith({ ...options, unseeing: 'feed-forward' }, 'open')(batchOf(documents));
    expect(tokensOf(fed, 1, 0, 3)).not.toEqual(tokensOf(expected, 1, 0, 3));
  });

  it('lets no token see a picture that stands behind it', () => {
    const fuse = fusionWith(options, 'open');
    const { tokens } = fuse(batchOf(documents));
    const { tokens: cut } = fuse(batchOf(documents.map((row) => row.slice(0, 4)))); // without the second picture
    tokensOf(tokens, 0, 0, 4).forEach((value, index) => {
      expect(Math.abs(value - tokensOf(cut, 0, 0, 4)[index])).toBeLessThan(1e-5);
    });
  });

  it('leaves out the placeholder of a picture that is missing', () => {
    const [illustrated] = documents;
    const plain = illustrated.filter((part) => part !== 'picture');
    const fuse = fusionWith(options, 'open');
    const { tokens, mask, owner, causal, gates } = fuse(batchOf([illustrated, documents[2]], [illustrated]));
    expect([...mask.dataSync().slice(0, length)]).toEqual(illustrated.map((part) => Number(part !== 'picture')));
    expect([...owner!.map.dataSync().slice(0, length)]).toEqual(
      illustrated.map((part) => (part === 'picture' ? -1 : 0)),
    );
    expect([...causal!.ids.dataSync().slice(0, length)]).toEqual(
      illustrated.map((part) => (part === 'picture' ? -1 : part)),
    );
    expect(gates!.image.arraySync()[0]).toEqual([0]);
    const expected = tokensOf(alone([plain]), 0, 0, plain.length);
    const kept = illustrated.flatMap((part, place) =>
      part === 'picture' ? [] : tokensOf(tokens, 0, place, place + 1),
    );
    kept.forEach((value, index) => expect(Math.abs(value - expected[index])).toBeLessThan(1e-5));
  });
});

it('keeps the placeholders of missing pictures in a document that has nothing else', () => {
  const picture: Document = ['picture', 'picture'];
  const { mask } = fusionWith({}, 'open')(batchOf([picture, documents[0]], [picture]));
  expect(mask.arraySync()).toEqual([
    [1, 1, 0, 0, 0, 0],
    [1, 1, 1, 1, 1, 1],
  ]);
});

it('tells how far its gates are open', () => {
  const closed = fusionWith({ every: 1 }, 'closed')(batchOf(documents)).gates!.image.arraySync();
  expect(closed).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  const open = fusionWith({ every: 1 }, 'open')(batchOf(documents)).gates!.image.arraySync();
  const gates = [0, 1].map((layer) => RandomKey.from(4).fold(`layers.${layer}.attentionGate`).normal(1)[0]);
  gates.forEach((gate, layer) => {
    expect(open[0][layer]).toBeCloseTo(Math.abs(Math.tanh(gate)), 6);
    expect(open[1][layer]).toBe(0); // no picture
  });
});

it('tells, where somebody asks, what each token gives to each of the picture that it sees', () => {
  const fusion = createFusion({ every: 1, from: 1 });
  fill(fusion, 'open');
  const batch = batchOf(documents);
  const told: AttendedTokens[] = [];
  fusion.forward(encoders, batch, inferenceContext({ tellAttention: (own) => told.push(own) }));
  expect(told.map(({ place, query, slot }) => [place, query, slot])).toEqual([['layers.0', 'text', 'image']]);

  const values = new Map(fusion.layers[0].parameters());
  const times = (x: readonly number[], path: string) =>
    (values.get(path)!.value.arraySync() as number[][]).map((line) => line.reduce((sum, w, i) => sum + w * x[i], 0));
  const { modalities, ...rest } = batch;
  const { placeSlot: _, placeValue: __, ...features } = modalities.text.features;
  const plain = { ...rest, modalities: { text: { ...modalities.text, features } } };
  const embedded = host.embed(plain.modalities.text, inferenceContext());
  const below = host.layer(0, embedded, inferenceContext()).tokens.arraySync();
  const pictures = (modalities.image.features.tokens as tf.Tensor3D).arraySync();
  const norm = values.get('norm1.weight')!.value.dataSync();
  const shareOf = (row: number, token: number, seen: readonly number[]) => {
    const x = below[row][token];
    const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + 1e-6);
    const query = times(
      x.map((value, i) => value * scale * norm[i]),
      'attention.query.weight',
    );
    const shares = new Array<number>(6).fill(0);
    for (const head of [0, 1]) {
      const exps = seen.map((at) => {
        const key = times(pictures[row === 2 ? 1 : 0][at], 'attention.key.image.weight');
        return Math.exp([0, 1, 2, 3].reduce((sum, i) => sum + query[4 * head + i] * key[4 * head + i], 0) / 2);
      });
      const sum = exps.reduce((all, own) => all + own, 0);
      seen.forEach((at, i) => {
        shares[at] += exps[i] / sum / 2;
      });
    }
    return shares;
  };
  const [first, second] = [
    [0, 1, 2],
    [3, 4, 5],
  ];
  const none = new Array<number>(6).fill(0);
  const expected = [
    [none, none, shareOf(0, 2, first), shareOf(0, 3, first), shareOf(0, 4, second), shareOf(0, 5, second)],
    new Array(6).fill(none),
    [shareOf(2, 0, first), shareOf(2, 1, first), none, none, none, none],
  ];
  told[0].weights.arraySync().forEach((own, row) => {
    own.forEach((line, token) => {
      line.forEach((share, at) => {
        expect(share).toBeCloseTo(expected[row][token][at], 5);
      });
    });
  });
});

it('begins to look at the layer that `from` names, as one whose gates before it are closed', () => {
  const late = createFusion({ every: 1, from: 1 });
  fill(late, 'open');
  const whole = createFusion({ every: 1 });
  fill(whole, 'closed');
  const values = new Map(late.layers[0].parameters());
  for (const [path, parameter] of whole.layers[1].parameters()) {
    parameter.assignValues(values.get(path)!.value.dataSync() as Float32Array);
  }
  const [expected, found] = [whole, late].map((fusion) =>
    fusion.forward(encoders, batchOf(documents), inferenceContext()),
  );
  expect(late.layers).toHaveLength(1);
  expect(found.tokens.arraySync()).toEqual(expected.tokens.arraySync());
});

it('goes on from what the layers below the first gated one made of a text, and computes the same', () => {
  const fusion = createFusion({ every: 1, from: 1 });
  fill(fusion, 'open');
  const { modalities, ...rest } = batchOf(documents);
  const { placeSlot: _, placeValue: __, ...features } = modalities.text.features;
  const plain = (added: tf.NamedTensorMap): Batch => ({
    ...rest,
    modalities: { ...modalities, text: { ...modalities.text, features: { ...features, ...added } } },
  });
  const start = fusion.start(encoders)!;
  expect(start.slot).toBe('text');
  expect(start.compute(modalities.text, inferenceContext())).toEqual({}); // of documents
  const known = start.compute(plain({}).modalities.text, inferenceContext());
  const behind = { inputIds: tf.tensor2d([[1], [2], [3]], [3, 1], 'int32'), mask: tf.ones<tf.Rank.R2>([3, 1]) };
  const results = [{}, known].map((added) => {
    const compute = () => {
      const fused = fusion.forward(encoders, plain(added), inferenceContext());
      const followed = followSequence(fused, behind, inferenceContext());
      return [fused.tokens, fused.pooled, followed];
    };
    const learned = [...fusion.parameters().values()].map(({ value }) => value as tf.Variable);
    const loss = () => tf.addN(compute().map((each) => tf.sum(tf.sin(each)))) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, learned);
    return [...compute(), ...Object.values(grads)].map((each) => Array.from(each.dataSync()));
  });
  results[0].forEach((values, index) => {
    expect(results[1][index]).toEqual(values); // to the bit: the same operations
  });

  // and what is known is what is gone on from, not what the layers would make
  const other = { ...known, startTokens: tf.add(known.startTokens, 1) };
  const changed = fusion.forward(encoders, plain(other), inferenceContext()).tokens.arraySync();
  expect(changed).not.toEqual(fusion.forward(encoders, plain({}), inferenceContext()).tokens.arraySync());
});

it('begins with layers of the host alone where `from` leaves some, by their parameters', () => {
  expect(createFusion({ every: 1 }).start(encoders)).toBeUndefined();
  const { uses } = createFusion({ every: 1, from: 1 }).start(encoders)!;
  const own = [...host.parameters().keys()];
  const used = own.filter(uses);
  expect(used.some((path) => path.startsWith('layers.0.'))).toBe(true);
  expect(used).toContain('tokenEmbeddings.weight');
  expect(own.filter((path) => !uses(path)).every((path) => /^(layers\.1|norm)\./.test(path))).toBe(true);
});

it('refuses to begin behind the last layer', () => {
  const create = () => createFusion({ from: 2 });
  expect(create).toThrow(ConfigError);
  expect(create).toThrow(/from.*has 2: 0 to 1.*2/);
});

it('refuses a language model by itself', () => {
  const create = () =>
    flamingo.create(parseConfig(flamingo.config, {}, 'fusion'), { hiddenSize: 8, encoders: { text: host } });
  expect(create).toThrow(ConfigError);
  expect(create).toThrow(/a slot beside "text".*`decoder`/);
});

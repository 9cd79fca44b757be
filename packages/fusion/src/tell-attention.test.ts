import { type AttendedTokens, type Encoders, type Fusion, inferenceContext, parseConfig } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bottleneck } from './bottleneck-fusion';
import { crossAttention } from './cross-attention-fusion';
import { maskedTransformer } from './masked-transformer';
import { perceiver } from './perceiver-fusion';
import { fill, fixedBatch, fixedEncoders, type TestModality } from './testing/fixed-encoder';

const hiddenSize = 8;
const rows: TestModality[][] = [['image', 'text', 'audio'], ['text'], ['image', 'audio']];
const batch = fixedBatch(rows);

type Matrix = number[][];

/** Tokens of a slot in one row, as they are before anything attends. */
function tokensOf(slot: string, row: number): Matrix | undefined {
  const { rows: present, features } = batch.modalities[slot];
  const place = present.indexOf(row);
  return place < 0 ? undefined : (features.tokens as tf.Tensor3D).arraySync()[place];
}

/** Reads parameters, and computes with them in plain loops. */
function naive(fusion: Fusion) {
  const parameters = fusion.parameters();
  const read = (path: string) => Array.from(parameters.get(path)!.value.dataSync());
  const matrix = (path: string): Matrix => parameters.get(path)!.value.arraySync() as Matrix;
  return {
    row: read,
    linear(x: Matrix, path: string): Matrix {
      const weight = matrix(`${path}.weight`);
      const bias = parameters.has(`${path}.bias`) ? read(`${path}.bias`) : weight.map(() => 0);
      return x.map((own) => weight.map((line, out) => line.reduce((sum, w, i) => sum + w * own[i], bias[out])));
    },
    norm(x: Matrix, path: string): Matrix {
      const [weight, bias] = [read(`${path}.weight`), read(`${path}.bias`)];
      return x.map((own) => {
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
        const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
        return own.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[i] + bias[i]);
      });
    },
  };
}

/** softmax(q kᵀ / √d) of each head. */
function attentionOfHeads(queries: Matrix, keys: Matrix, heads: number): Matrix[] {
  const width = queries[0].length / heads;
  return Array.from({ length: heads }, (_, head) =>
    queries.map((query) => {
      const exps = keys.map((key) => {
        let product = 0;
        for (let i = head * width; i < (head + 1) * width; i++) product += query[i] * key[i];
        return Math.exp(product / Math.sqrt(width));
      });
      const sum = exps.reduce((all, own) => all + own, 0);
      return exps.map((own) => own / sum);
    }),
  );
}

/** The mean over heads. */
function attention(queries: Matrix, keys: Matrix, heads: number): Matrix {
  const all = attentionOfHeads(queries, keys, heads);
  return all[0].map((line, query) => line.map((_, key) => all.reduce((sum, own) => sum + own[query][key] / heads, 0)));
}

/** A pre-norm Transformer layer with ReLU over one row, and the mean of its heads' attention. */
function transformerLayer(own: ReturnType<typeof naive>, x: Matrix, path: string, heads: number) {
  const normed = own.norm(x, `${path}.norm1`);
  const [query, key, value] = ['query', 'key', 'value'].map((by) => own.linear(normed, `${path}.attention.${by}`));
  const width = value[0].length / heads;
  const weights = attentionOfHeads(query, key, heads);
  const attended = x.map((_, row) =>
    value[0].map((_, i) =>
      value.reduce((sum, token, place) => sum + weights[Math.floor(i / width)][row][place] * token[i], 0),
    ),
  );
  const mixed = sum(x, own.linear(attended, `${path}.attention.output`));
  const wide = own.linear(own.norm(mixed, `${path}.norm2`), `${path}.feedForward.intermediate`);
  const active = wide.map((line) => line.map((value) => Math.max(value, 0)));
  const output = sum(mixed, own.linear(active, `${path}.feedForward.output`));
  return { output, weights: attention(query, key, heads) };
}

function sum(a: Matrix, b: Matrix): Matrix {
  return a.map((line, row) => line.map((value, i) => value + b[row][i]));
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((line) => b[0].map((_, column) => line.reduce((all, value, i) => all + value * b[i][column], 0)));
}

/** What a fusion tells of the batch. */
function toldBy(fusion: Fusion, encoders: Encoders): readonly AttendedTokens[] {
  const told: AttendedTokens[] = [];
  fusion.forward(encoders, batch, inferenceContext({ tellAttention: (own) => told.push(own) }));
  return told;
}

/** Rows as they should be, zeros where one of the two slots is absent. */
function expectTold({ weights }: AttendedTokens, expected: readonly (Matrix | undefined)[]): void {
  const received = weights.arraySync();
  expect(received).toHaveLength(expected.length);
  received.forEach((own, row) => {
    const wanted = expected[row] ?? own.map((line) => line.map(() => 0));
    expect(own.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
    own.forEach((line, query) => {
      line.forEach((share, token) => {
        expect(share).toBeCloseTo(wanted[query][token], 6);
      });
    });
  });
}

describe('a fusion tells, where somebody asks', () => {
  it('how a class token and each modality attend to the tokens of each, side by side', () => {
    const encoders = fixedEncoders();
    const fusion = maskedTransformer.create(
      parseConfig(maskedTransformer.config, { numHiddenLayers: 2, numAttentionHeads: 2 }, 'fusion'),
      { hiddenSize, encoders },
    );
    fill(fusion);
    const own = naive(fusion);
    const slots = ['image', 'text', 'audio'];
    const told = toldBy(fusion, encoders);
    expect(told.map(({ place }) => place)).toEqual([...Array(12).fill('layers.0'), ...Array(12).fill('layers.1')]);

    const spans = rows.map((_, row) => {
      const placed = slots.map((slot) => {
        const tokens = tokensOf(slot, row);
        const type = own.row(`modalities.${slot}.typeEmbedding`);
        const marked = tokens && own.linear(tokens, `modalities.${slot}.projection`);
        return marked?.map((token) => token.map((value, i) => value + type[i])) ?? [];
      });
      return [[own.row('classToken')], ...placed];
    });
    const weights = spans.map((parts) => {
      const normed = own.norm(parts.flat(), 'layers.0.norm1');
      const project = (by: string) => own.linear(normed, `layers.0.attention.${by}`);
      return attention(project('query'), project('key'), 2);
    });
    for (const [index, record] of told.slice(0, 12).entries()) {
      const [query, key] = [Math.floor(index / 3), 1 + (index % 3)];
      expect([record.query, record.slot]).toEqual([[undefined, ...slots][query], slots[key - 1]]);
      const startOf = (row: number, part: number) => spans[row].slice(0, part).flat().length;
      const expected = rows.map((_, row) => {
        const [queries, keys] = [spans[row][query].length, spans[row][key].length];
        if (queries === 0 || keys === 0) return undefined;
        const lines = weights[row].slice(startOf(row, query), startOf(row, query) + queries);
        return lines.map((line) => line.slice(startOf(row, key), startOf(row, key) + keys));
      });
      expectTold(record, expected);
    }
  });

  it('how modalities attend to one another between the layers of their encoders', () => {
    const encoders = fixedEncoders({ depth: 1 });
    const fusion = crossAttention.create(
      parseConfig(crossAttention.config, { numAttentionHeads: 1, attends: { text: ['image', 'audio'] } }, 'fusion'),
      { hiddenSize, encoders },
    );
    fill(fusion);
    const own = naive(fusion);
    const told = toldBy(fusion, encoders);
    expect(told.map(({ place, query, slot }) => [place, query, slot])).toEqual([
      ['exchanges.0.layers.text', 'text', 'image'],
      ['exchanges.0.layers.text', 'text', 'audio'],
    ]);

    /** After the layer of the encoder: x + sin(x). */
    const after = (slot: string, row: number) =>
      tokensOf(slot, row)?.map((token) => token.map((value) => value + Math.sin(value)));
    const weights = rows.map((_, row) => {
      const text = after('text', row);
      const keys = ['image', 'audio'].map((slot) => {
        const type = own.row(`exchanges.0.keys.${slot}.typeEmbedding`);
        const tokens = after(slot, row);
        if (!tokens) return [];
        const normed = own.norm(tokens, `exchanges.0.norms.${slot}`);
        const marked = own.linear(normed, `exchanges.0.keys.${slot}.projection`);
        return marked.map((token) => token.map((value, i) => value + type[i]));
      });
      if (!text || keys.flat().length === 0) return undefined;
      const layer = 'exchanges.0.layers.text';
      const query = own.linear(own.norm(text, `${layer}.norm1`), `${layer}.attention.attention.query`);
      return attention(query, own.linear(keys.flat(), `${layer}.attention.attention.key`), 1);
    });
    expectTold(told[0], [weights[0]!.map((line) => line.slice(0, 1)), undefined, undefined]);
    expectTold(told[1], [weights[0]!.map((line) => line.slice(1)), undefined, undefined]);
  });

  it('how latents attend to the tokens of each modality', () => {
    const encoders = fixedEncoders();
    const fusion = perceiver.create(
      parseConfig(perceiver.config, { numLatents: 3, numHiddenLayers: 1, numAttentionHeads: 2 }, 'fusion'),
      { hiddenSize, encoders },
    );
    fill(fusion);
    const own = naive(fusion);
    const slots = ['image', 'text', 'audio'];
    const told = toldBy(fusion, encoders);
    expect(told.map(({ place, query, slot }) => [place, query, slot])).toEqual(
      slots.map((slot) => ['resampler.layers.0', undefined, slot]),
    );
    const layer = 'resampler.layers.0.attention';
    const [latents] = fusion.parameters().get('resampler.latents')!.value.arraySync() as Matrix[];
    const queries = own.norm(latents, `${layer}.latentNorm`);
    const maps = rows.map((_, row) => {
      const tokens = slots.map((slot) => {
        const type = own.row(`modalities.${slot}.typeEmbedding`);
        const marked = own.linear(tokensOf(slot, row) ?? [], `modalities.${slot}.projection`);
        return marked.map((token) => token.map((value, i) => value + type[i]));
      });
      const keys = [...own.norm(tokens.flat(), `${layer}.tokenNorm`), ...queries];
      const weights = attention(own.linear(queries, `${layer}.query`), own.linear(keys, `${layer}.key`), 2);
      let start = 0;
      return tokens.map(({ length }) => {
        const map = weights.map((line) => line.slice(start, start + length));
        start += length;
        return length > 0 ? map : undefined;
      });
    });
    for (const [place, record] of told.entries()) {
      expectTold(
        record,
        maps.map((map) => map[place]),
      );
    }
  });

  it('how tokens reach those of other modalities through bottlenecks, exchange by exchange', () => {
    const encoders = fixedEncoders({ depth: 3 });
    const config = { numBottlenecks: 2, numAttentionHeads: 1, hiddenAct: 'relu', after: [1, 2, 3] };
    const fusion = bottleneck.create(parseConfig(bottleneck.config, config, 'fusion'), { hiddenSize, encoders });
    fill(fusion);
    const own = naive(fusion);
    const told = toldBy(fusion, encoders);

    const start = fusion.parameters().get('bottlenecks')!.value.arraySync() as Matrix[];
    const maps = rows.map((slots, row) => {
      const expected = new Map<string, Matrix>();
      let tokens: Record<string, Matrix> = Object.fromEntries(slots.map((slot) => [slot, tokensOf(slot, row)!]));
      let shared = start[0];
      let reached: Record<string, Matrix> = {};
      for (let exchange = 0; exchange < 3; exchange++) {
        const place = `exchanges.${exchange}`;
        const parts = slots.map((slot) => {
          const x = tokens[slot].map((token) => token.map((value) => value + Math.sin((exchange + 1) * value)));
          const joint = [...x, ...own.linear(shared, `${place}.${slot}.enter`)];
          const { output, weights } = transformerLayer(own, joint, `${place}.${slot}.layer`, 1);
          const n = x.length;
          const part = (from: number, to: number, first: number, last?: number) =>
            weights.slice(from, to).map((line) => line.slice(first, last));
          return {
            ...{ slot, after: output.slice(0, n), bottlenecks: output.slice(n) },
            ...{ direct: part(0, n, 0, n), reading: part(0, n, n) },
            ...{ gathered: part(n, n + 2, 0, n), kept: part(n, n + 2, n) },
          };
        });
        for (const { slot: query, direct, reading } of parts) {
          for (const [slot, known] of Object.entries(reached)) {
            const through = product(reading, known);
            expected.set(`${place} ${query} ${slot}`, slot === query ? sum(direct, through) : through);
          }
        }
        tokens = Object.fromEntries(parts.map(({ slot, after }) => [slot, after]));
        if (exchange === 2) break;
        const mean = (all: Matrix[]) => all.reduce(sum).map((line) => line.map((value) => value / parts.length));
        shared = mean(parts.map(({ slot, bottlenecks }) => own.linear(bottlenecks, `${place}.${slot}.leave`)));
        reached = Object.fromEntries(
          parts.map(({ slot, gathered }) => {
            const carried = reached[slot] ? parts.map(({ kept }) => product(kept, reached[slot])) : [];
            return [slot, mean([gathered, ...carried])];
          }),
        );
        for (const [slot, map] of Object.entries(reached)) expected.set(`${place} undefined ${slot}`, map);
      }
      return expected;
    });
    const keys = told.map(({ place, query, slot }) => `${place} ${query} ${slot}`);
    expect([...keys].sort()).toEqual([...maps[0].keys()].sort()); // the first row has all modalities
    expect(keys).toHaveLength(3 + 9 + 3 + 9);
    told.forEach((record, index) => {
      expectTold(
        record,
        maps.map((map) => map.get(keys[index])),
      );
    });
  });
});

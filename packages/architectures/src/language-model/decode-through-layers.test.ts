import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { inferenceContext, initialize, type Model, Module, RandomKey, withTokens } from '@polymodal/core';
import {
  CachedTokenDecoder,
  type DecodableTokens,
  type Decoded,
  type DecodingInputs,
  decodeThrough,
  generateTokens,
  type LayerOf,
  type TokenPrompt,
} from '@polymodal/generation';
import { EVERYTHING, Linear, MultiHeadAttention, type Past, runAttentionLayer, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadFixture, partsOf } from '../testing/language-models';

registerOnnxBackend();

const pictureSize = 6;
const pictureTokens = 4;

/**
 * A language model that sees pictures: before each layer its tokens attend to them through a gate, as in Flamingo (Alayrac et al. 2022),
 * after the last one there is a causal layer that the language model does not have, and pictures may stand among the words, as in
 * LLaVA (Liu et al. 2023).
 */
class Illustrated extends Module implements DecodableTokens {
  readonly language: Model;
  readonly gates: readonly MultiHeadAttention[];
  readonly added: TransformerLayer;
  readonly projection: Linear;

  constructor(language: Model) {
    super();
    this.language = language;
    const { depth, hiddenSize, cacheSizes } = this.encoder;
    this.gates = Array.from(
      { length: depth },
      () => new MultiHeadAttention({ hiddenSize, numAttentionHeads: 2, keyValueSize: pictureSize }),
    );
    const { numKeyValueHeads, headDim } = cacheSizes;
    // Its keys and values must have the sizes of the others; where queries share heads it sees half of the token.
    this.added = new TransformerLayer({
      hiddenSize: numKeyValueHeads * headDim,
      numAttentionHeads: numKeyValueHeads,
      intermediateSize: 8,
    });
    this.projection = new Linear(pictureSize, hiddenSize);
  }

  get encoder() {
    return partsOf(this.language).encoder;
  }

  get head() {
    return partsOf(this.language).head;
  }

  get vocabSize() {
    return this.head.vocabSize;
  }

  get maxLength() {
    return this.encoder.maxPositionEmbeddings;
  }

  get cacheSizes() {
    const { cacheSizes } = this.encoder;
    return { ...cacheSizes, windows: [...cacheSizes.windows, EVERYTHING] };
  }

  decode({ features, memory }: DecodingInputs, before: Past): Decoded {
    const { last, past } = decodeThrough(
      this.encoder,
      features,
      before,
      this.layerSeeing((x, index) => {
        const kept = { keys: memory[`keys${index}`] as tf.Tensor4D, values: memory[`values${index}`] as tf.Tensor4D };
        return this.gates[index].attendTo(x, kept, memory.mask as tf.Tensor2D);
      }),
    );
    return { outputs: { logits: this.head.logits(last) }, past };
  }

  /** What decoding keeps of pictures: their keys and values before each layer. */
  memoryOf(pictures: tf.Tensor3D): tf.NamedTensorMap {
    return tf.tidy(() => {
      const mask = maskOf(pictures);
      const kept = this.gates.flatMap((gate, index) => {
        const { keys, values } = gate.keysAndValues(pictures, mask);
        return [[`keys${index}`, keys] as const, [`values${index}`, values] as const];
      });
      return { mask, ...Object.fromEntries(kept) };
    });
  }

  /** Without cache: the logits after each token of one text. */
  forward(embeddings: tf.Tensor3D, pictures: tf.Tensor3D): tf.Tensor3D {
    const { encoder } = this;
    const context = inferenceContext();
    const mask = tf.ones<tf.Rank.R2>([1, embeddings.shape[1]]);
    let tokens = encoder.adopt({ tokens: embeddings, mask, rows: Int32Array.of(0) }, context);
    const layer = this.layerSeeing((x, index) => this.gates[index].forward(x, pictures, maskOf(pictures), context));
    for (let index = 0; index < encoder.depth; index++) tokens = layer(index, tokens, context);
    return this.head.logits(encoder.finish(tokens, context).tokens);
  }

  /** Pictures as tokens in front of words, (N, D). */
  spliced(pictures: tf.Tensor2D, ids: readonly number[]): tf.Tensor2D {
    return tf.concat([this.projection.forward(pictures), this.words(ids)]);
  }

  words(ids: readonly number[]): tf.Tensor2D {
    return this.encoder.tokenEmbeddings.forward(tf.tensor1d([...ids], 'int32'));
  }

  /** @param see what the tokens before a layer see of the pictures */
  layerSeeing(see: (x: tf.Tensor3D, index: number) => tf.Tensor3D): LayerOf {
    const { encoder } = this;
    return (index, tokens, context) => {
      const seen = see(tokens.tokens, index);
      const output = encoder.layer(index, withTokens(tokens, tf.add(tokens.tokens, seen)), context);
      if (index + 1 < encoder.depth) return output;
      const width = this.added.attention.hiddenSize;
      if (width === encoder.hiddenSize) return runAttentionLayer(this.added, encoder.depth, output, context);
      const [own, rest] = tf.split<tf.Tensor3D>(output.tokens, [width, encoder.hiddenSize - width], 2);
      const after = runAttentionLayer(this.added, encoder.depth, withTokens(output, own), context);
      return withTokens(after, tf.concat([after.tokens, rest], 2));
    };
  }
}

const maskOf = (pictures: tf.Tensor3D) => tf.ones<tf.Rank.R2>([pictures.shape[0], pictures.shape[1]]);

async function illustrated(name: string): Promise<Illustrated> {
  const { model } = await loadFixture(name);
  const whole = new Illustrated(model);
  initialize(whole, RandomKey.from(1));
  for (const [path, parameter] of whole.parameters()) {
    if (path.startsWith('language.')) continue;
    parameter.assignValues(
      RandomKey.from(2)
        .fold(path)
        .normal(parameter.size)
        .map((x) => 0.3 * x),
    );
  }
  return whole;
}

const newTokens = 60; // from 16 slots for the prompt, past the 64 that there are at first
const texts = [
  [7, 3, 5],
  [4, 9, 11, 2, 6],
];

const drawnPictures = () =>
  tf.tensor3d(RandomKey.from(3).normal(texts.length * pictureTokens * pictureSize), [
    texts.length,
    pictureTokens,
    pictureSize,
  ]);

const models = ['gpt2', 'llama-tied-scaled', 'qwen2-windows'];

describe.each(['cpu', 'onnx'])('decoding through what stands between and before the layers, on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each(models)('gives with a cache what it gives without: %s', async (name) => {
    const model = await illustrated(name);
    const pictures = drawnPictures();
    const own = texts.map((_, row) => tf.slice(pictures, [row, 0, 0], [1, pictureTokens, pictureSize]));
    const flat = own.map((one) => tf.reshape(one, [pictureTokens, pictureSize]) as tf.Tensor2D);
    const prompts: Record<string, TokenPrompt[]> = {
      words: texts.map((ids) => Int32Array.from(ids)),
      pictures: texts.map((ids, row) => ({ ids: Int32Array.from(ids), embeddings: model.spliced(flat[row], ids) })),
    };
    const memory = model.memoryOf(pictures);
    const decoder = new CachedTokenDecoder(model).about(memory);
    for (const [kind, given] of Object.entries(prompts)) {
      const continued = texts.map((): number[] => []);
      const options = { maxNewTokens: newTokens, repetitionPenalty: 1.3 };
      for await (const turn of generateTokens(decoder, given, options))
        for (const { index, id } of turn) continued[index].push(id);

      const decoding = decoder.start(given, 1);
      let logits = await decoding.prefill();
      const start = kind === 'pictures' ? pictureTokens : 0;
      const whole = texts.map((ids, row) =>
        tf.tidy(() => {
          const all = [...ids, ...continued[row]];
          const embedded = kind === 'pictures' ? model.spliced(flat[row], all) : model.words(all);
          return model.forward(tf.expandDims(embedded, 0), own[row]).dataSync() as Float32Array;
        }),
      );
      for (let step = 0; step < newTokens; step++) {
        for (const [row, ids] of texts.entries()) {
          const at = (start + ids.length - 1 + step) * model.vocabSize;
          const expected = whole[row].subarray(at, at + model.vocabSize);
          const received = logits.subarray(row * model.vocabSize, (row + 1) * model.vocabSize);
          const apart = expected.reduce((most, value, id) => Math.max(most, Math.abs(value - received[id])), 0);
          expect([kind, step, row, apart < 1e-4]).toEqual([kind, step, row, true]);
        }
        if (step + 1 < newTokens) logits = await decoding.step(continued.map((ids) => ids[step]));
      }
      expect(decoding.capacity).toBe(128);
      decoding.dispose();
    }
    decoder.dispose();
    model.language.dispose();
    tf.dispose([pictures, own, flat, memory]);
  });
});

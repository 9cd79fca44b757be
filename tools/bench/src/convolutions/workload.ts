import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type Module, type NamedTensor, RandomKey } from '@polymodal/core';
import { ByteTokenizer } from '@polymodal/encoder-text';
import { ConvolutionalEncoder } from '@polymodal/encoder-vision';
import { type ConvolutionsConfig, film } from './configs';
import { filmModel } from './film-model';

/** Colours of the pictures, and of their normalised values. */
const numChannels = 3;

/** A question about one of the pictures. */
interface BenchQuestion {
  readonly picture: number;
  readonly text: string;
  /** Its tokens, for who has no tokenizer. */
  readonly ids: readonly number[];
  /** The number of its class. */
  readonly answer: number;
}

/** What is encoded, and asked about it. */
export interface ConvolutionsWorkload {
  readonly config: ConvolutionsConfig;
  readonly questions: readonly BenchQuestion[];
  readonly weights: ReadonlyMap<string, NamedTensor>;
  /** (P, H, W, 3) */
  readonly pixels: NamedTensor;
  /** (P, N, D), which tokens are multiplied by before their mean is taken, so that there is something to differentiate. */
  readonly factors: NamedTensor;
}

/** The encoder by itself. */
export function encoderOf({ encoder }: ConvolutionsConfig): ConvolutionalEncoder {
  return new ConvolutionalEncoder({ ...encoder, numChannels, layerNormEps: 1e-6 });
}

/** Writes weights, pictures and questions into a folder, from one seed, so that all contenders do the same work. */
export function writeWorkload(folder: string, config: ConvolutionsConfig): void {
  const key = RandomKey.from(0);
  const { pictures, encoder } = config;
  const model = config.work === 'film-step' ? filmModel(config) : encoderOf(config);
  const pixels = [pictures, ...encoder.imageSize, numChannels];
  const factors = [pictures, encoderOf(config).usualTokenCount(), encoder.hiddenSize];
  const normal = (name: string, shape: number[]): [string, NamedTensor] => [
    name,
    { shape, data: key.fold(name).normal(shape.reduce((product, size) => product * size)) },
  ];
  writeFileSync(join(folder, 'weights.safetensors'), encodeSafetensors(initialWeights(model, key)));
  const tensors = new Map([normal('pixels', pixels), normal('factors', factors)]);
  writeFileSync(join(folder, 'tensors.safetensors'), encodeSafetensors(tensors));
  writeFileSync(join(folder, 'workload.json'), JSON.stringify({ config, film, questions: questionsOf(config, key) }));
}

/** Reads what {@link writeWorkload} wrote. */
export function readWorkload(folder: string): ConvolutionsWorkload {
  const read = (file: string) => decodeSafetensors(readFileSync(join(folder, file)), file).tensors;
  const tensors = read('tensors.safetensors');
  const { config, questions } = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8'));
  return {
    config,
    questions,
    weights: read('weights.safetensors'),
    pixels: tensors.get('pixels')!,
    factors: tensors.get('factors')!,
  };
}

function initialWeights(model: Module, key: RandomKey): Map<string, NamedTensor> {
  return new Map(
    [...model.parameters()].map(([path, { shape, initializer }]) => [
      path,
      { shape, data: initializer(shape, key.fold(path)) },
    ]),
  );
}

/** Letters without a meaning; all questions are of one length. */
function questionsOf({ pictures }: ConvolutionsConfig, key: RandomKey): BenchQuestion[] {
  const texts = Array.from({ length: film.questions }, (_, index) => {
    const letters = key
      .fold('text')
      .fold(index)
      .uniform(film.questionLength - 2); // between a start and an end
    return String.fromCharCode(...letters.map((value) => 97 + Math.floor(26 * value)));
  });
  const tokenizer = new ByteTokenizer();
  const answers = key.fold('answers').uniform(pictures * film.questionsPerPicture);
  return Array.from(answers, (value, index) => {
    const text = texts[index % texts.length]!;
    return {
      picture: Math.floor(index / film.questionsPerPicture),
      text,
      ids: [...tokenizer.encode(text, film.questionLength).ids],
      answer: Math.floor(film.answers * value),
    };
  });
}

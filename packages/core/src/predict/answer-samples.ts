import { checkLengths, type LengthParts } from '../check-lengths';
import { describeValue } from '../describe-value';
import { SampleError } from '../errors';
import type { Module } from '../module';
import type { PreparedSample } from '../prepared-sample';
import type { Sample } from '../sample';
import { requireNames } from '../use-adapters';
import type { Answered, PredictionOrError } from './answer';
import { answerBatch } from './answer-batch';
import { answerStream } from './answer-stream';
import { batchKey } from './batch-key';
import { parseHeadOptions } from './head-options';
import type { ForwardParts, ModelPrograms } from './model-programs';
import { type PredictOptions, parsePredictOptions } from './predict-options';

/** What a model answers with. */
export interface AnsweringParts extends ForwardParts, LengthParts {}

/** Who answers, and how samples come. */
export interface AnswerCall<Input> {
  /** The method that was called, as error messages name it. */
  readonly caller: string;
  readonly model: Module;
  /** Where compiled programs are kept. */
  readonly programs: ModelPrograms;
  prepare(sample: Input, where: string): Promise<PreparedSample>;
}

/** Answers for samples in their order, as the options of a prediction say. @throws as `Model.predict` */
export function answerSamples<Input>(
  parts: AnsweringParts,
  { caller, model, programs, prepare }: AnswerCall<Input>,
  samples: Iterable<Input> | AsyncIterable<Input>,
  given: PredictOptions,
): AsyncGenerator<Answered<PredictionOrError, Input>> {
  const { compile, adapter, ...options } = parsePredictOptions(given, caller);
  const { names, optionsOf } = parseHeadOptions(parts.tree, given.heads, caller);
  requireSamples(samples, caller);
  return answerStream(
    samples,
    {
      keyOf: ({ sample, heads }) => batchKey(parts, sample, heads),
      prepare: async (raw, index) => {
        const where = `sample ${index}`;
        const sample = await prepare(raw, where);
        const heads = parts.tree.namesFor(Object.keys(sample.features), names, where);
        checkLengths(parts, sample, where, optionsOf(heads));
        return { sample, heads, ...(adapter && { adapter: adapterOf(model, adapter(raw as Sample), where) }) };
      },
      answer: (ready, heads) =>
        answerBatch(
          parts,
          ready.map(({ sample }) => sample),
          {
            heads: optionsOf(heads),
            programs: compile ? programs : undefined,
            adapters: adapter && ready.map((own) => own.adapter ?? false),
            signal: options.signal,
          },
        ),
    },
    options,
  );
}

/** All answers of a stream. */
export async function collectAnswers<Answer, Input>(stream: AsyncIterable<Answered<Answer, Input>>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const { answer } of stream) answers.push(answer);
  return answers;
}

function requireSamples(samples: unknown, caller: string): void {
  const given = (typeof samples === 'object' && samples !== null ? samples : {}) as Partial<Iterable<unknown>> &
    Partial<AsyncIterable<unknown>>;
  if (typeof given[Symbol.iterator] === 'function' || typeof given[Symbol.asyncIterator] === 'function') return;
  throw new SampleError({
    where: caller,
    expected: 'an array, or another iterable, of samples',
    received: describeValue(samples),
    hint: `For one sample: ${caller}([sample]).`,
  });
}

/** @throws UnknownNameError for a name that no adapter has */
function adapterOf(model: Module, name: string | false, where: string): string | false {
  return name === false ? false : requireNames(model, name, `${where}, adapter`)[0];
}

import { z } from 'zod';
import { disposeBatch, uploadBatch } from '../batch';
import { checkLengths } from '../check-lengths';
import { inferenceContext } from '../context';
import { ConfigError } from '../errors';
import type { HeadOutput } from '../head-output';
import { parseConfig } from '../parse-config';
import { collateSamples, type PreparedSample } from '../prepared-sample';
import { presentRows } from '../present-rows';
import { planOf } from './answer-batch';
import { firstPass } from './first-pass';
import { readAnswers, scoresOf } from './head-answers';
import { parseOptions } from './head-options';
import type { ForwardParts, ModelPrograms } from './model-programs';
import { PassTensors } from './pass-tensors';
import { isSignal } from './predict-options';
import { produce, produceAll } from './produce';

/** How an answer is streamed. */
export interface StreamOptions {
  /** Stops between pieces. */
  readonly signal?: AbortSignal | undefined;
}

const streamOptions = z.strictObject({ signal: z.custom<AbortSignal>(isSignal, 'an AbortSignal').optional() });

/** @throws ConfigError for an option that is unknown or of the wrong kind */
export function parseStreamOptions(options: StreamOptions): StreamOptions {
  return parseConfig(streamOptions, options, 'stream');
}

/** The answer of one head for one sample, piece by piece; the whole of it is the generator's return value. */
export async function* streamHead(
  parts: ForwardParts,
  prepare: () => Promise<PreparedSample>,
  name: string,
  asked: object,
  signal: AbortSignal | undefined,
  programs: ModelPrograms,
): AsyncGenerator<unknown, unknown, void> {
  const { tree, processors } = parts;
  tree.checkNames([name]);
  requireProducing(parts, name);
  const options = { [name]: parseOptions(tree.heads[name], asked, 'stream.options') };
  signal?.throwIfAborted();
  const sample = await prepare();
  tree.namesFor(Object.keys(sample.features), [name], 'sample');
  checkLengths({ ...parts, targets: {} }, sample, 'sample', options);
  const batch = uploadBatch(collateSamples({ processors, targets: {} }, [sample]));
  const tensors = new PassTensors();
  try {
    const context = inferenceContext({ signal });
    const { fused } = firstPass(parts, batch, [], context, tensors, programs);
    const made: Record<string, HeadOutput> = {};
    for (const route of planOf(parts, batch, [name])) {
      const pass = { fused, made, options, context, tensors };
      if (route.name !== name) await produceAll(tree, route, pass);
      else {
        for await (const { piece } of produce(tree, route, pass)) {
          signal?.throwIfAborted();
          yield piece;
        }
      }
    }
    const scores = tensors.keep(() => scoresOf(tree, [name], made));
    const [answer] = await readAnswers(tree, options, scores, presentRows(batch), [sample], signal);
    if (answer instanceof Error) throw answer.at(`sample, ${answer.where}`);
    return answer[name];
  } finally {
    tensors.dispose();
    disposeBatch(batch);
  }
}

function requireProducing({ tree }: ForwardParts, name: string): void {
  if (tree.heads[name].produce) return;
  const producing = Object.keys(tree.heads).filter((own) => tree.heads[own].produce);
  throw new ConfigError({
    where: `stream, head "${name}"`,
    expected: 'a head that produces its answer in pieces',
    received: 'one that answers at once',
    hint: `Ask predict for it. Heads that do: ${producing.join(', ') || 'none'}.`,
  });
}

import { PolymodalError } from '../errors';
import type { PreparedSample } from '../prepared-sample';
import type { Answered, PredictionOrError } from './answer';
import { idle, type Prepared, prepareAhead, turnOfEventLoop } from './prepare-ahead';

/** A sample that is ready, and what runs on it. */
interface Routed {
  readonly sample: PreparedSample;
  readonly heads: readonly string[];
  /** The adapter that it goes by, or none of them, where samples of a batch go by different ones. */
  readonly adapter?: string | false;
}

/** What a stream of answers is made with. */
export interface AnswerStreamParts<Input> {
  /** By which samples share a batch: those of one key do. */
  keyOf(routed: Routed): string;
  /** Reads a sample. */
  prepare(input: Input, index: number): Promise<Routed>;
  /** Answers a batch of samples of one key. */
  answer(samples: readonly Routed[], heads: readonly string[]): Promise<readonly PredictionOrError[]>;
}

/** How a stream is worked through. */
export interface AnswerStreamOptions {
  readonly batchSize: number;
  readonly onError: 'throw' | 'skip';
  readonly signal?: AbortSignal | undefined;
}

/** Samples in preparation, each with a file open. */
const mostAtOnce = 32;
/** A sample that waits for others of its key is overtaken by at most so many batches … */
const batchesHeld = 8;
/** … and what waits takes at most so much memory. */
const bytesHeld = 128 * 2 ** 20;

/**
 * Answers in the order of the samples. Those of one key are computed together, as soon as there are enough of them, or when
 * too many wait; the next ones are prepared meanwhile. Which samples share a batch follows from their order alone, unless the
 * source is so slow that there would be nothing to do.
 */
export async function* answerStream<Input>(
  source: Iterable<Input> | AsyncIterable<Input>,
  parts: AnswerStreamParts<Input>,
  options: AnswerStreamOptions,
): AsyncGenerator<Answered<PredictionOrError, Input>> {
  const { batchSize, onError, signal } = options;
  const waiting = new WaitingSamples<Input>();
  const answers = new Map<number, Answered<PredictionOrError, Input>>();
  let next = 0;
  let batches = 0;

  const settle = (index: number, sample: Input, answer: PredictionOrError) => {
    if (onError === 'throw' && PolymodalError.isInstance(answer)) throw answer;
    answers.set(index, { index, sample, answer });
  };
  const groupsDue = ({ index, input, made }: Prepared<Input, Routed>): readonly Group<Input>[] => {
    if ('output' in made) {
      const group = waiting.add({ index, input, ready: made.output }, parts.keyOf(made.output));
      if (group.members.length >= batchSize) return [group];
      const isFull = index + 1 - next >= batchesHeld * batchSize || waiting.bytes >= bytesHeld;
      return isFull ? waiting.groups.slice(0, 1) : [];
    }
    if (!PolymodalError.isInstance(made.error)) throw made.error;
    settle(index, input, made.error);
    return [];
  };
  const run = async (group: Group<Input>) => {
    signal?.throwIfAborted();
    if (batches++ > 0) await turnOfEventLoop(); // an interruption could not arrive otherwise
    signal?.throwIfAborted();
    waiting.remove(group);
    const said = await parts.answer(
      group.members.map(({ ready }) => ready),
      group.heads,
    );
    group.members.forEach(({ index, input }, row) => {
      const answer = said[row];
      settle(index, input, PolymodalError.isInstance(answer) ? answer.at(`sample ${index}, ${answer.where}`) : answer);
    });
  };
  function* inOrder() {
    for (let done = answers.get(next); done; done = answers.get(next)) {
      answers.delete(next++);
      yield done;
    }
  }

  for await (const item of prepareAhead(source, parts.prepare, mostAtOnce, signal)) {
    for (const group of item === idle ? waiting.groups : groupsDue(item)) {
      await run(group);
      yield* inOrder();
    }
    yield* inOrder();
  }
}

interface Member<Input> {
  readonly index: number;
  readonly input: Input;
  readonly ready: Routed;
}

/** Samples that may share a batch. */
interface Group<Input> {
  readonly key: string;
  readonly heads: readonly string[];
  readonly members: Member<Input>[];
}

/** Samples that wait for others of their key. */
class WaitingSamples<Input> {
  readonly #groups = new Map<string, Group<Input>>();
  bytes = 0;

  /** In the order of their first samples. */
  get groups(): readonly Group<Input>[] {
    return [...this.#groups.values()];
  }

  add(member: Member<Input>, key: string): Group<Input> {
    const group = this.#groups.get(key) ?? { key, heads: member.ready.heads, members: [] };
    group.members.push(member);
    this.#groups.set(key, group);
    this.bytes += byteLength(member.ready.sample);
    return group;
  }

  remove(group: Group<Input>): void {
    this.#groups.delete(group.key);
    for (const { ready } of group.members) this.bytes -= byteLength(ready.sample);
  }
}

function byteLength({ features }: PreparedSample): number {
  let bytes = 0;
  for (const own of Object.values(features)) for (const { data } of Object.values(own)) bytes += data.byteLength;
  return bytes;
}

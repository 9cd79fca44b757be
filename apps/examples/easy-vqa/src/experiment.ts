import { join } from 'node:path';
import { startFrom, train } from '@polymodal/trainer';
import { z } from 'zod';
import { accuracy, accuracyShape } from './accuracy';
import type { EasyVqa } from './data/read-easy-vqa';
import { isLooking, type Method } from './methods';
import { createModel } from './models/create-model';
import type { VqaModel } from './models/vqa-model';
import type { Options } from './options';
import { requireSameTexts } from './same-texts';
import { someOf } from './some-of';
import { samplesIn, stagesOf } from './stages';

/** What a training came to, as results.json has it. */
export const methodFigures = z.object({
  accuracy: accuracyShape,
  /** The same with one of the two left out. */
  controls: z.object({ question: accuracyShape, picture: accuracyShape }),
  parameters: z.number(),
  /** Of these, how many learned. */
  learned: z.number(),
  /** Questions that were learned from, again and again. */
  samples: z.number(),
  seconds: z.number(),
  /** The most memory that the process has had resident so far, whatever it did before. */
  peakRssBytes: z.number(),
});
/** {@link methodFigures} */
export type Figures = z.output<typeof methodFigures>;

/** Trains the model of a method and measures it. What is finished or half done is gone on with. */
export async function runExperiment(
  method: Method,
  options: Options,
  data: EasyVqa,
  signal: AbortSignal,
): Promise<Figures> {
  const vqa = await createModel(method, options, data.answers);
  try {
    if (isLooking(method)) await takeTower(vqa, options);
    const stages = stagesOf(method, vqa, data.train, options);
    const directory = join(options.directory, method);
    const common = {
      freeze: vqa.frozen,
      parameterGroups: vqa.parameterGroups ?? [],
      seed: options.seed,
      checkpointEvery: { steps: 200 },
      frozenTowers: method === 'text-tower' ? ('float32' as const) : (false as const), // it reads 107 questions, too
      frozenCacheBytes: method === 'flamingo' ? 2 ** 28 : 0, // layers below the first that looks read 107 questions
    };
    const { seconds } = await train(vqa.model, { ...common, stages, directory, signal });
    signal.throwIfAborted();
    const questions = isLooking(method) ? someOf(data.test, options.testQuestions) : data.test;
    const parameters = [...vqa.model.parameters()];
    const learned = parameters.filter(
      ([path, { trainable }]) => trainable && !vqa.frozen.some((part) => path.startsWith(`${part}.`)),
    );
    const figures: Figures = {
      accuracy: await accuracy(vqa, questions, 'both', signal),
      controls: {
        question: await accuracy(vqa, questions, 'question', signal),
        picture: await accuracy(vqa, questions, 'picture', signal),
      },
      parameters: sizeOf(parameters),
      learned: sizeOf(learned),
      samples: stages.reduce((sum, stage) => sum + samplesIn(stage), 0),
      seconds,
      peakRssBytes: 1024 * process.resourceUsage().maxRSS,
    };
    if (isLooking(method)) console.log(await requireSameTexts(vqa.model, options.languageModel!));
    return figures;
  } finally {
    vqa.model.dispose();
  }
}

/** The folder of the training whose picture tower those with a language model begin with. */
export function towerRun({ directory }: Pick<Options, 'directory'>): string {
  return join(directory, towerMethod);
}

/** What the picture tower learns with before a language model looks through it: a step costs a small part of one through that. */
export const towerMethod = 'film' satisfies Method;

async function takeTower({ model }: VqaModel, options: Options): Promise<void> {
  const others = ['encoders.text', 'fusion', 'heads'];
  await startFrom(model, towerRun(options), { mayBeNew: others, mayBeLeft: others });
}

function sizeOf(parameters: readonly (readonly [string, { readonly size: number }])[]): number {
  return parameters.reduce((sum, [, { size }]) => sum + size, 0);
}

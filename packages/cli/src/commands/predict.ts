import { resolve } from 'node:path';
import { type BackendName, PolymodalError, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { exitCode } from '../command/exit-code';
import type { Outcome } from '../command/outcome';
import { printable } from '../command/printable';
import { requireNothing } from '../command/require-nothing';
import { registryOf } from '../config/registry-of';
import { findModel } from '../model/find-model';
import { modalitiesOf } from '../model/modalities-of';
import { type AnswerLine, openAnswers } from '../predict/answers-file';
import { openInputs } from '../predict/open-inputs';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal predict`. */
export interface PredictCommandOptions {
  readonly value?: readonly string[];
  readonly slot?: string;
  readonly heads?: readonly string[];
  readonly out?: string;
  readonly backend?: BackendName;
}

/**
 * `polymodal predict`: asks a model about files, folders of files, tables, or values said one by one. What cannot be read is told, and the
 * rest answered.
 */
export async function predictCommand(
  given: string,
  inputs: readonly string[],
  options: PredictCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { directory, messages, output } = surroundings;
  const out = options.out === undefined ? undefined : resolve(directory, options.out);
  if (out !== undefined) await requireNothing(out, 'Name another file: --out answers-2.jsonl');
  const { folder, config } = await findModel(directory, given);
  const signal = surroundings.interruption();
  const registry = await registryOf(config, surroundings);
  messages.write(`Backend: ${await useBackend(options.backend ?? config?.project.backend)}\n`);
  const model = await loadModel(registry, folder);
  const modalities = modalitiesOf(model, registry);
  const say = (line: string) => messages.write(`${printable(line)}\n`);
  const opened = await openInputs(inputs, options.value ?? [], {
    modalities,
    config,
    slot: options.slot,
    directory,
    say,
    signal,
  });
  const answers = await openAnswers(out, output);
  let [answered, refused] = [0, opened.refused];
  try {
    const heads = options.heads === undefined ? {} : { heads: options.heads };
    for await (const { sample, answer } of model.predictStream(opened.samples, { ...heads, onError: 'skip', signal })) {
      const { input } = sample.meta as { readonly input: string };
      if (PolymodalError.isInstance(answer)) {
        refused++;
        say(`${input}: ${answer.message}`);
      } else {
        answered++;
        await answers.add({ input, answer } satisfies AnswerLine);
      }
    }
    await answers.close();
  } catch (error) {
    await answers.discard();
    throw error;
  }
  if (refused > 0) say(`${refused} of ${answered + refused} were not answered.`);
  if (out !== undefined) say(`${answered} answers in ${options.out}`);
  return { text: '', exitCode: refused > 0 ? exitCode.failed : exitCode.done };
}

import { extname, resolve } from 'node:path';
import { type BackendName, type Model, PolymodalError, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { exitCode } from '../command/exit-code';
import type { Outcome } from '../command/outcome';
import { printable } from '../command/printable';
import { requireEnding } from '../command/require-ending';
import { requireNothing } from '../command/require-nothing';
import { registryOf } from '../config/registry-of';
import { fetchedAddresses } from '../data/fetched-addresses';
import { UnfamiliarValues } from '../data/unfamiliar-values';
import { findModel } from '../model/find-model';
import { modalitiesOf } from '../model/modalities-of';
import type { LabelsOfHeads } from '../predict/answer-row';
import { answerEndings, openAnswers } from '../predict/answers-file';
import { HeadsLeftOut } from '../predict/heads-left-out';
import { type InputName, openInputs } from '../predict/open-inputs';
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
  if (out !== undefined) requireEnding(options.out!, '--out', answerEndings);
  if (out !== undefined) await requireNothing(out, `Name another file: --out ${anotherName(options.out!)}`);
  const { folder, config } = await findModel(directory, given);
  const signal = await surroundings.interruption();
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
    addresses: fetchedAddresses(surroundings, signal),
    signal,
  });
  const unfamiliar = new UnfamiliarValues(model.processors);
  const leftOut = new HeadsLeftOut(model, options.heads);
  const answers = await openAnswers(out, output, labelsOf(model));
  let [seen, told, answered, refused] = [0, 0, 0, opened.refused.length];
  const addRefused = async () => {
    for (; told < opened.refused.length && opened.refused[told].before <= seen; told++) {
      const { before: _, ...line } = opened.refused[told];
      await answers.add(line);
    }
  };
  try {
    const heads = options.heads === undefined ? {} : { heads: options.heads };
    for await (const { sample, answer } of model.predictStream(opened.samples, { ...heads, onError: 'skip', signal })) {
      const name = sample.meta as InputName;
      await addRefused();
      seen++;
      if (PolymodalError.isInstance(answer)) {
        refused++;
        say(`${name.input}: ${answer.message}`);
        await answers.add({ ...name, error: answer.message });
      } else {
        answered++;
        leftOut.add(name, sample, answer);
        unfamiliar.add(sample);
        await answers.add({ ...name, answer });
      }
    }
    await addRefused();
    await answers.close();
  } catch (error) {
    await answers.discard();
    throw error;
  }
  for (const remark of leftOut.remarks) say(remark);
  if (unfamiliar.remark !== '') say(unfamiliar.remark);
  if (answered + refused === 0) say('Nothing was asked: there is no row, picture, sound or text in it.');
  if (refused > 0) say(`${refused} of ${answered + refused} were not answered.`);
  if (out !== undefined) say(`${answered} answers in ${options.out}`);
  return { text: '', exitCode: refused > 0 ? exitCode.failed : exitCode.done };
}

/** `answers-2.csv` */
function anotherName(path: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-2${extension}`;
}

function labelsOf({ heads }: Model): LabelsOfHeads {
  const labelled = Object.entries(heads).filter((own): own is [string, (typeof own)[1] & { labels: string[] }] =>
    Array.isArray((own[1] as { labels?: unknown }).labels),
  );
  return Object.fromEntries(labelled.map(([name, { labels }]) => [name, labels]));
}

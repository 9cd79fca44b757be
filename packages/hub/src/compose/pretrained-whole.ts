import { ConfigError, Model, processorOfOne, requireArgument, type UncheckedSlot } from '@polymodal/core';
import type { z } from 'zod';
import type { Family } from '../family/define-family';
import type { LoadedPretrained } from '../family/load-pretrained';
import { resolveFamily } from '../family/resolve-family';
import { withoutTensorNames } from '../family/tensor-names';
import { parsePretrainedFiles } from '../pretrained/pretrained-files';
import { PretrainedProcessor } from './pretrained-processor';

/**
 * A model that once came whole out of a checkpoint, such as CLIP, as `savePretrained` takes it: what was trained, saved and loaded here
 * goes back to Python.
 *
 * ```ts
 * const clip = await loadModel(registry, 'runs/clip/model'); // what saveModel wrote
 * await savePretrained(pretrainedWhole(imageTextFamilies, clip), 'models/tuned-clip'); // CLIPModel.from_pretrained(…)
 * ```
 *
 * @throws ConfigError for a model whose encoders are not those of one checkpoint, as they are there
 * @throws UnknownNameError for one of another family
 */
export function pretrainedWhole<F extends Family<z.ZodType, Model>>(
  families: readonly F[],
  model: Model,
): LoadedPretrained<F> {
  requireArgument(model instanceof Model, 'pretrainedWhole', 'a model', model);
  const [first, ...others] = Object.keys(model.processors).map((slot) => filesOf(model, slot));
  const different = others.find(({ contents }) => configOf(contents) !== configOf(first.contents));
  if (different) {
    throw refusal('encoders of one checkpoint', `encoders.${first.slot} and encoders.${different.slot} of two`);
  }
  const contents = withoutTensorNames(first.contents);
  const files = parsePretrainedFiles(contents, 'pretrainedWhole');
  const { family, config, configFile } = resolveFamily(families, files, '');
  return {
    family,
    model: model as LoadedPretrained<F>['model'],
    config,
    configFile,
    processor: undefined as never,
    contents,
  };
}

function filesOf(model: Model, slot: string): { slot: string; contents: ReadonlyMap<string, Uint8Array> } {
  const processor = processorOfOne(model.processors[slot]);
  const { use, from: _, revision: __, several: ___, ...changes }: UncheckedSlot = model.config.encoders[slot];
  if (!(processor instanceof PretrainedProcessor)) {
    throw refusal('pretrained encoders', `encoders.${slot}, which is "${use}"`);
  }
  const [changed] = Object.keys(changes);
  if (changed === undefined) return { slot, contents: processor.contents };
  throw refusal('encoders as they are in the checkpoint', `encoders.${slot} with ${changed}`);
}

function configOf(contents: ReadonlyMap<string, Uint8Array>): string {
  return new TextDecoder().decode(contents.get('config.json'));
}

function refusal(expected: string, received: string): ConfigError {
  return new ConfigError({ where: 'pretrainedWhole', expected, received });
}

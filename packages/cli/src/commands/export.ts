import { basename, dirname, resolve } from 'node:path';
import {
  ConfigError,
  isRecord,
  type Model,
  type Sample,
  suggestNames,
  UnknownNameError,
  useBackend,
} from '@polymodal/core';
import { loadModel, writeDurably } from '@polymodal/core/node';
import type { Outcome } from '../command/outcome';
import { requireEnding } from '../command/require-ending';
import { requireNothing } from '../command/require-nothing';
import { shownPath } from '../command/shown-path';
import { textTable } from '../command/text-table';
import { registryOf } from '../config/registry-of';
import { openParts } from '../data/open-parts';
import { exportDescription } from '../export/export-description';
import { findModel } from '../model/find-model';
import { modalitiesOf } from '../model/modalities-of';
import { requireProject } from '../model/require-project';
import { valuesSample } from '../predict/values-sample';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal export`. */
export interface ExportCommandOptions {
  readonly out?: string;
  readonly slots?: readonly string[];
  readonly heads?: readonly string[];
  readonly value?: readonly string[];
  readonly externalWeights?: boolean;
}

/** `polymodal export`: writes a model as ONNX, for the slots that samples will have. */
export async function exportCommand(
  given: string,
  options: ExportCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { directory, messages } = surroundings;
  const name = options.out ?? `${[nameOf(resolve(directory, given)), ...(options.slots ?? [])].join('-')}.onnx`;
  const out = resolve(directory, name);
  if (options.out !== undefined) requireEnding(options.out, '--out', ['.onnx']);
  const description = out.replace(/\.onnx$/i, '.json');
  for (const path of [out, description])
    await requireNothing(path, `Name another file: --out ${name.replace(/\.onnx$/i, '-2.onnx')}`);
  const found = await findModel(directory, given);
  const signal = await surroundings.interruption();
  const registry = await registryOf(found.config, surroundings);
  messages.write(`Backend: ${await useBackend('onnx')}\n`); // it is what writes ONNX
  const { exportOnnx } = await import('@polymodal/backend-onnx');
  const model = await loadModel(registry, found.folder);
  const slots = options.slots ?? model.modalities;
  for (const slot of slots) requireSlot(model, slot);
  const sample = options.value
    ? valuesSample(options.value, modalitiesOf(model, registry), directory)
    : await exampleOf(requireProject(found), slots, surroundings, signal);
  const signature = await model.signature(sample, options.heads === undefined ? {} : { heads: options.heads });
  const example = signature.inputs([await model.prepare(sample)]);
  const { dynamicAxes } = signature;
  const { inputs, outputs, operatorSet, nodes, externalDataPath } = await exportOnnx(signature.run, example, {
    path: out,
    dynamicAxes,
    ...(options.externalWeights && { externalDataThreshold: 0 }),
  });
  const told = exportDescription(model, registry, signature, { inputs, outputs });
  await writeDurably(description, `${JSON.stringify(told, null, 2)}\n`);
  const shapes = (tensors: typeof inputs) =>
    tensors.map(({ name, dtype, shape }) => `  ${name}: ${dtype} [${shape.join(', ')}]`).join('\n');
  return {
    text: [
      `Inputs:\n${shapes(inputs)}\nOutputs:\n${shapes(outputs)}\n`,
      textTable([
        ['wrote', 'what'],
        [
          shownPath(out, directory),
          `the model for ${signature.modalities.join(', ')}: ${nodes} nodes, operator set ${operatorSet}`,
        ],
        ...(externalDataPath === null
          ? []
          : [[shownPath(externalDataPath, directory), 'its weights, which it finds beside it']]),
        [shownPath(description, directory), 'how inputs follow from values, and what outputs are of'],
      ]),
    ].join('\n'),
    result: {
      path: out,
      description,
      externalDataPath,
      operatorSet,
      nodes,
      modalities: signature.modalities,
      heads: signature.heads,
      inputs,
      outputs,
    },
  };
}

/** That of a run, also where its model is named: `products` of `runs/products/model`. */
function nameOf(folder: string): string {
  return basename(folder) === 'model' ? basename(dirname(folder)) : basename(folder);
}

function requireSlot({ modalities }: Model, slot: string): void {
  if (modalities.includes(slot)) return;
  throw new UnknownNameError({
    where: '--slots',
    expected: 'slots of the model',
    received: `"${slot}"`,
    hint: suggestNames(slot, modalities),
  });
}

/** A sample of the run's data that has all of these slots: from it the kinds and sizes of inputs follow. */
async function exampleOf(
  config: ReturnType<typeof requireProject>,
  slots: readonly string[],
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Sample> {
  const { train } = (await openParts(config, surroundings, signal)).parts;
  for (let index = 0; index < train.length; index++) {
    const sample = await train.get(index);
    const has = (slot: string) =>
      sample[slot] !== undefined &&
      sample[slot] !== null &&
      !(isRecord(sample[slot]) && Object.keys(sample[slot]).length === 0);
    if (slots.every(has)) return Object.fromEntries(slots.map((slot) => [slot, sample[slot]]));
  }
  throw new ConfigError({
    where: config.path,
    expected: `a row with ${slots.join(', ')}, from which the sizes of inputs follow`,
    received: 'a table without one',
    hint: 'Export for fewer slots: --slots photo,title. Or give values: --value photo=a.png --value title=…',
  });
}

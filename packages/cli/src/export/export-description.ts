import type { Model, ModelSignature, Registry } from '@polymodal/core';
import { version } from '../command/version';

/** A named tensor of an exported model. */
interface ExportedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

/** What the file holds that stands beside an exported model. */
export interface ExportDescription {
  readonly polymodal: string;
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
  /** Of each slot the options of its processor, defaults filled in, and what it has learned, such as the codes of categories. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of each head its options, labels among them. */
  readonly heads: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * What a program of another language needs to know beside an exported model, since the model takes numbers: how features follow from
 * values, and what the outputs are of.
 */
export function exportDescription(
  { config, processors }: Model,
  registry: Registry,
  { modalities, heads }: Pick<ModelSignature, 'modalities' | 'heads'>,
  tensors: Pick<ExportDescription, 'inputs' | 'outputs'>,
): ExportDescription {
  const slots = modalities.map((slot) => {
    const options = config.encoders[slot];
    const { modality, processor } = registry.encoder(options.use);
    return [slot, { modality, ...options, ...processor.config.parse(options), ...processors[slot].describe?.() }];
  });
  return {
    polymodal: version,
    ...tensors,
    slots: Object.fromEntries(slots),
    heads: Object.fromEntries(heads.map((head) => [head, config.heads[head]])),
  };
}

import { adaptersOf } from '../adapter';
import { type ComposeOptions, composeUnchecked, initializeModel } from '../compose-model';
import { ConfigError } from '../errors';
import { holdModel, requireFree } from '../hold-model';
import type { Model } from '../model';
import type { UncheckedModelConfig } from '../model-config';
import type { Processor } from '../processor';
import type { Registry } from '../registry';
import { carryOver } from './carry-over';
import type { ChangedModel } from './changed-model';
import { fusionOptions, slotRulesOf } from './fusion-rules';
import type { SlotChange } from './slot-rules';
import { takeEncoder } from './take-encoder';

/** One change of a model's slots. */
export interface Recomposition extends Pick<SlotChange, 'kind' | 'slot'> {
  /** The function that was called, as errors call it. */
  readonly caller: string;
  readonly config: UncheckedModelConfig;
  /** Where the encoder of the slot comes from with its values, and its processor with what it knows. */
  readonly donor?: Model | undefined;
}

/** Makes a model of another config with all that the former one knows and the other one has. Nothing of the former one is changed. */
export async function recompose<M extends Model>(
  registry: Registry,
  former: M,
  { caller, config, kind, slot, donor }: Recomposition,
): Promise<ChangedModel<M>> {
  if (donor) requireFree(donor, caller);
  const letGo = holdModel(former, caller);
  let model: Model | undefined;
  try {
    const rules = slotRulesOf(registry, former, caller);
    model = composeUnchecked(registry, config, {
      initialize: false,
      readFiles: former.readFiles,
      savedFile: filesFor(former, kind === 'removed' ? undefined : slot, donor),
    });
    if (kind === 'added') requireSameAdapters(former, model, caller);
    const options = fusionOptions(registry, former.config);
    const change = { kind, slot, before: former.encoders, after: model.encoders, options };
    rules.check?.(change);
    const changed = await carryOver(former, model, { caller, change, rules });
    if (donor) await takeEncoder(donor, model, slot, caller);
    initializeModel(model);
    return { model: model as M, ...changed }; // its heads are those of the former one, and so are its answers
  } catch (error) {
    model?.dispose();
    throw error;
  } finally {
    letGo();
  }
}

/** What processors keep, of the former model; of the slot that comes, what that of its donor does. */
function filesFor(former: Model, coming: string | undefined, donor: Model | undefined): ComposeOptions['savedFile'] {
  const kept = new Map<string, Readonly<Record<string, Uint8Array>>>();
  const keep = (part: string, processor: Processor) => kept.set(part, processor.files?.() ?? {});
  for (const [slot, processor] of Object.entries(former.processors)) {
    if (slot !== coming) keep(`processors/${slot}`, processor);
  }
  for (const [head, { processor }] of Object.entries(former.targets)) keep(`targets/${head}`, processor);
  if (donor && coming !== undefined) keep(`processors/${coming}`, donor.processors[coming]);
  return (part, name) => kept.get(part)?.[name];
}

/** A pattern such as `query` fits maps of what is new too, which would then be frozen before it has learned anything. */
function requireSameAdapters(former: Model, model: Model, caller: string): void {
  const known = adaptersOf(former);
  const further = [...adaptersOf(model).keys()].find((path) => !known.has(path));
  if (further === undefined) return;
  throw new ConfigError({
    where: `${caller}, adapters`,
    expected: 'adapters that fit what they fit before, and nothing of what is new',
    received: `a pattern that fits ${further} too`,
    hint: 'Let the adapters of the model name what they adapt by longer paths, or call mergeAdapters of the model first.',
  });
}

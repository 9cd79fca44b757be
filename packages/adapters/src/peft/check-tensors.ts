import { FileFormatError } from '@polymodal/core';
import { Embedding } from '@polymodal/nn';
import { type AdaptedMap, outputSizeOf } from '../adapted-maps';
import { ofModule, type PeftConfig } from './peft-config';
import { tensorsName } from './peft-folder';
import type { PeftModule } from './peft-modules';
import { embeddingNames, ia3Name, magnitudeName, mapNames, type PeftTensor } from './peft-tensors';

/** A module with its tensors by the ends of their names. */
export interface FoundModule {
  readonly module: PeftModule;
  readonly tensors: Readonly<Record<string, PeftTensor>>;
}

/**
 * Holds tensors that PEFT saved against the maps that they are of, before any of these is touched.
 *
 * @throws FileFormatError for one that is missing, of another shape, or not finite
 */
export function checkTensors(
  config: PeftConfig,
  { module, tensors }: FoundModule,
  maps: ReadonlyMap<string, AdaptedMap>,
): void {
  const own = module.ours.map((path) => maps.get(path)!);
  const [map] = own;
  const outputs = own.reduce((sum, each) => sum + outputSizeOf(each), 0);
  const inputs = map instanceof Embedding ? [map.numEmbeddings] : map.weight.shape.slice(1);
  const shapes: Record<string, readonly number[]> = {};
  if (config.peft_type === 'IA3') {
    shapes[ia3Name] = [fits(config.feedforward_modules ?? [], module.theirs) ? inputs[0] : outputs];
  } else {
    const names = map instanceof Embedding ? embeddingNames : mapNames;
    const rank = ofModule(module.theirs, config.rank_pattern, config.r);
    Object.assign(shapes, { [names.a]: [rank, ...inputs], [names.b]: [outputs, rank] });
    if (config.use_dora) shapes[magnitudeName] = [outputs];
  }
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = tensors[name];
    if (!tensor) throw malformed(module, name, Object.keys(tensors).join(', '));
    if (`${withoutOnes(tensor.shape)}` !== `${withoutOnes(shape)}`) {
      throw malformed(module, `${name} of shape [${shape}]`, `[${tensor.shape}]`);
    }
    const odd = tensor.data.find((value) => !Number.isFinite(value));
    if (odd !== undefined) throw malformed(module, `finite numbers in ${name}`, `${odd}`);
  }
}

/**
 * Holds the modules that there are tensors of against those that the config means, as far as it lists them by their names.
 *
 * @throws FileFormatError for a module that only one of the two knows: a file that is cut, or of another config
 */
export function checkTargets(
  { target_modules: targets, exclude_modules: excluded, layers_to_transform: layers }: PeftConfig,
  found: readonly FoundModule[],
  known: readonly PeftModule[],
): void {
  const isListed = Array.isArray(targets) && !targets.includes('all-linear') && !excluded && (layers ?? null) === null;
  if (!isListed) return;
  const present = new Set(found.map(({ module }) => module));
  for (const module of known) {
    const isMeant = targets.some((own) => module.theirs === own || module.theirs.endsWith(`.${own}`));
    if (isMeant === present.has(module)) continue;
    if (isMeant) throw malformed(module, 'tensors of this module, which target_modules names', 'none');
    throw malformed(module, 'tensors of modules that target_modules names', 'those of this one, which it does not');
  }
}

/** As PEFT tells which modules are meant: by the ends of their names, or by a regular expression of all of it. */
export function fits(patterns: string | readonly string[], name: string): boolean {
  if (typeof patterns === 'string') return new RegExp(`^(?:${patterns})$`).test(name);
  return patterns.some((own) => name.endsWith(own));
}

function malformed({ theirs }: PeftModule, expected: string, received: string): FileFormatError {
  return new FileFormatError({ where: `${tensorsName}, ${theirs}`, expected, received });
}

/** Convolutions have tensors with a kernel of 1, factors a column. */
function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((length) => length !== 1);
}

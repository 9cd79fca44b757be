import { Module, requireModule } from './module';
import type { Parameter } from './parameter';

/**
 * Parameters beside those of a module that change what it computes, such as LoRA's two thin matrices beside a linear map. An adapter
 * is a property of the module that it adapts, so the names of that module's own parameters stay what they were; where there are
 * several, the property is a record of them by their names.
 *
 * At first an adapter is the identity: a model computes with it, to the bit, what it computed without.
 */
export abstract class Adapter extends Module {
  /** By which it is chosen among others, see `Model.useAdapters`; undefined for one that has no name. */
  readonly name: string | undefined;
  /** Whether the module computes with it: see `Model.useAdapters`. */
  isInUse = true;

  constructor(name?: string) {
    super();
    this.name = name;
  }

  /**
   * Puts what the adapter has learned into the module's own parameters and takes itself out. Its tensors stay.
   *
   * @returns takes it out of them and puts itself on again
   * @throws StateError for one that is no change of parameters; then nothing is changed
   */
  abstract merge(): () => void;
}

/** The adapters below a module, by path. */
export function adaptersOf(module: Module): Map<string, Adapter> {
  requireModule(module, 'adaptersOf');
  const found = new Map<string, Adapter>();
  for (const [path, own] of module.modules()) if (own instanceof Adapter) found.set(path, own);
  return found;
}

/** The parameters below a module without those of adapters: what a checkpoint of the module holds. */
export function ownParameters(module: Module): Map<string, Parameter> {
  const adapters = [...adaptersOf(module).keys()];
  return new Map(
    [...module.parameters()].filter(([path]) => !adapters.some((adapter) => path.startsWith(`${adapter}.`))),
  );
}

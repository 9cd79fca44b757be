import type { Parameter } from '@polymodal/core';
import { MapAdapter } from '@polymodal/nn';
import type { AdaptedMap } from './adapted-maps';

/** What becomes of a part beside its adapters, until they are merged. */
export interface PartBeside {
  /** What learns nothing. */
  readonly frozen: readonly Parameter[];
  /** Weights that are held in int8. */
  readonly rounded: readonly Parameter[];
}

/** A map, and the place of one adapter on it. */
export class MapSite {
  readonly #beside: PartBeside;

  constructor(
    readonly map: AdaptedMap,
    readonly name: string | undefined,
    beside: PartBeside,
  ) {
    this.#beside = beside;
  }

  /** Whether the map has an adapter of another name. */
  get hasOthers(): boolean {
    return this.map.adapter !== undefined;
  }

  put(adapter: MapAdapter): void {
    const { map, name } = this;
    map.adapter = name === undefined ? adapter : { ...named(map.adapter), [name]: adapter };
  }

  /**
   * Takes an adapter out and has the map compute by other values.
   *
   * @param change the values of the weight, and of the bias where there is one, with what the adapter has learned
   * @param back   those without it
   * @returns puts the adapter on again
   */
  merge(adapter: MapAdapter, change: (map: AdaptedMap) => void, back: (map: AdaptedMap) => void): () => void {
    const { map } = this;
    const before = map.adapter;
    const { frozen } = this.#beside;
    const learned = frozen.map((parameter) => [parameter, parameter.trainable] as const);
    const rounded = this.#beside.rounded.filter(({ precision }) => precision === 'int8');
    for (const weight of rounded) weight.holdIn('float32');
    change(map);
    map.adapter = before === adapter ? undefined : without(named(before), this.name!);
    for (const parameter of frozen) parameter.trainable = true;
    return () => {
      back(map);
      map.adapter = before;
      for (const [parameter, trainable] of learned) parameter.trainable = trainable;
      for (const weight of rounded) weight.holdIn('int8'); // to the same integers
    };
  }
}

function named(adapter: AdaptedMap['adapter']): Readonly<Record<string, MapAdapter>> {
  return adapter === undefined || adapter instanceof MapAdapter ? {} : adapter;
}

function without(adapters: Readonly<Record<string, MapAdapter>>, name: string): AdaptedMap['adapter'] {
  const left = Object.entries(adapters).filter(([own]) => own !== name);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

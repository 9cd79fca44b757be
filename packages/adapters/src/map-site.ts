import type { Parameter } from '@polymodal/core';
import { MapAdapter } from '@polymodal/nn';
import type { AdaptedMap } from './adapted-maps';

/** A map, and the place of one adapter on it. */
export class MapSite {
  readonly #frozen: readonly Parameter[];

  /** @param frozen what learns nothing beside the adapter, and learns again once that is merged */
  constructor(
    readonly map: AdaptedMap,
    readonly name: string | undefined,
    frozen: readonly Parameter[],
  ) {
    this.#frozen = frozen;
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
    const learned = this.#frozen.map((parameter) => [parameter, parameter.trainable] as const);
    change(map);
    map.adapter = before === adapter ? undefined : without(named(before), this.name!);
    for (const parameter of this.#frozen) parameter.trainable = true;
    return () => {
      back(map);
      map.adapter = before;
      for (const [parameter, trainable] of learned) parameter.trainable = trainable;
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

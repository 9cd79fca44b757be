import type { Model, Registry } from '@polymodal/core';

/** The kind of value that each slot of a model takes, such as `image`. */
export type SlotModalities = Readonly<Record<string, string>>;

/** What the slots of a model take. */
export function modalitiesOf({ config }: Model, registry: Registry): SlotModalities {
  return Object.fromEntries(
    Object.entries(config.encoders).map(([slot, { use }]) => [slot, registry.encoder(use).modality]),
  );
}

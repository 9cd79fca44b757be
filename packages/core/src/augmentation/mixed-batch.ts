import type { HostBatch, HostRows } from '../batch';
import type { Features, HostTensor } from '../features';
import type { RandomKey } from '../random-key';
import { type Augmentations, drawnKey, mixesBatches } from './augmentation';

/**
 * A batch whose rows are mixed with one another, as one of the augmentations of its slot that mix says; which one is drawn. The loss of
 * every head is mixed in the same way: share · loss(targets) + (1 − share) · loss(targets of the partners), which for a
 * cross-entropy is that of mixed targets (Zhang et al. 2018, mixup; Yun et al. 2019, CutMix).
 *
 * Only where samples have nothing but that slot: a title beside a mixed picture would be of one alone of the two.
 */
export function mixedBatch(batch: HostBatch, augment: Augmentations, key: RandomKey): HostBatch {
  const slots = Object.keys(batch.modalities);
  const [slot] = slots;
  const own = slots.length === 1 ? (augment[slot] ?? []).filter(mixesBatches) : [];
  const { size } = batch;
  if (own.length === 0 || size === 1) return batch;
  const chosen = own[own.length === 1 ? 0 : key.fold('which').integer(0, own.length)];
  const drawn = drawnKey(chosen, key);
  if (!drawn) return batch;
  const rows = batch.modalities[slot];
  const partners = drawn.fold('partners').shuffle(size);
  const { features, share } = chosen.mix(rows.features, partners, drawn);
  const targets = Object.entries(batch.targets).map(([head, target]) => [head, partnersOf(target, partners)] as const);
  return {
    size,
    modalities: { [slot]: { rows: rows.rows, features } },
    targets: batch.targets,
    mixture: { share, targets: Object.fromEntries(targets) },
  };
}

/** What the partner of each row has. */
function partnersOf({ rows, features }: HostRows, partners: Int32Array): HostRows {
  const placeOf = new Map(Array.from(rows, (row, place) => [row, place]));
  const found = Array.from(partners, (partner, row) => ({ row, place: placeOf.get(partner) }));
  const present = found.flatMap(({ row, place }) => (place === undefined ? [] : [{ row, place }]));
  const places = present.map(({ place }) => place);
  return { rows: Int32Array.from(present, ({ row }) => row), features: takeRows(features, places) };
}

function takeRows(features: Features, places: readonly number[]): Features {
  const taken = Object.entries(features).map(([name, tensor]): [string, HostTensor] => {
    const { data, shape } = tensor;
    const size = data.length / shape[0];
    const values = data.slice();
    places.forEach((place, row) => {
      values.set(data.subarray(place * size, (place + 1) * size), row * size);
    });
    return [name, { ...tensor, data: values }];
  });
  return Object.fromEntries(taken);
}

import { ConfigError, emptyLike, type Features, type HostBatch, type HostRows, type HostTensor } from '@polymodal/core';

/**
 * The rows of several batches as those of one, one after the other: which have what, and the targets of some heads. Of the values of
 * modalities there is nothing in it but that they are there.
 */
export function joinedBatch(hosts: readonly HostBatch[], heads: readonly string[]): HostBatch {
  const begins = hosts.map((_, index) => hosts.slice(0, index).reduce((sum, { size }) => sum + size, 0));
  const joined = (all: readonly Readonly<Record<string, HostRows>>[], names: Iterable<string>) =>
    Object.fromEntries(
      [...new Set(names)].flatMap((name) => {
        const parts = all.flatMap((own, index) => (own[name] ? [{ own: own[name], begin: begins[index] }] : []));
        if (parts.length === 0) return [];
        const rows = parts.flatMap(({ own, begin }) => Array.from(own.rows, (row) => begin + row));
        const features = joinedFeatures(
          name,
          parts.map(({ own }) => own.features),
        );
        return [[name, { rows: Int32Array.from(rows), features }]];
      }),
    );
  const slots = hosts.map(({ modalities }) =>
    Object.fromEntries(Object.entries(modalities).map(([slot, own]) => [slot, presence(own)])),
  );
  return {
    size: hosts.reduce((sum, { size }) => sum + size, 0),
    modalities: joined(
      slots,
      slots.flatMap((own) => Object.keys(own)),
    ),
    targets: joined(
      hosts.map(({ targets }) => targets),
      heads,
    ),
  };
}

/** A number for each row that has a modality, in place of its values. */
function presence({ rows }: HostRows): HostRows {
  return { rows, features: { present: { data: rows, shape: [rows.length] } } };
}

function joinedFeatures(head: string, parts: readonly Features[]): Features {
  return Object.fromEntries(
    Object.keys(parts[0]).map((name) => [
      name,
      joinedTensor(
        `${head}.${name}`,
        parts.map((own) => own[name]),
      ),
    ]),
  );
}

function joinedTensor(where: string, parts: readonly HostTensor[]): HostTensor {
  const [first] = parts;
  const [, ...axes] = first.shape;
  const other = parts.find(({ shape }) => shape.slice(1).join() !== axes.join());
  if (other) {
    throw new ConfigError({
      where: `targets.${where}, rows compared across batches (gradCache)`,
      expected: `targets of one shape in all batches, rows of [${axes}]`,
      received: `rows of [${other.shape.slice(1)}]`,
    });
  }
  const size = axes.reduce((product, length) => product * length, 1);
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  const data = emptyLike(first.data, rows * size);
  let next = 0;
  for (const own of parts) {
    data.set(own.data, next);
    next += own.data.length;
  }
  return { ...first, data, shape: [rows, ...axes] };
}

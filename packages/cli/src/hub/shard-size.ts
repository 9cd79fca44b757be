import { UsageError } from '../command/usage-error';

const units: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes of a size as `2GB`, `500 MB` or `1.5GiB`. @throws UsageError for what is none */
export function shardSize(text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]i?b)\s*$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * units[unit.toLowerCase()]);
  if (bytes > 0) return bytes;
  throw new UsageError({
    where: '--shard-size',
    expected: 'a size above 0 with its unit',
    received: JSON.stringify(text),
    hint: 'For example: --shard-size 2GB',
  });
}

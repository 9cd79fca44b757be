import type { HostBatch, HostRows } from './batch';
import type { Head } from './head';
import { drawnRows } from './part/run-head';
import type { RandomKey } from './random-key';

/**
 * The batch of a step of training, with what heads draw anew in each as their targets. It follows from a head's name and the key, and changes
 * nothing for others.
 */
export function drawnTargets(heads: Readonly<Record<string, Head>>, batch: HostBatch, key: RandomKey): HostBatch {
  const drawn: Record<string, HostRows> = {};
  for (const [name, head] of Object.entries(heads)) {
    const rows = head.draw && drawnRows({ name, head }, batch, key.fold(name));
    if (rows) drawn[name] = rows;
  }
  return { ...batch, targets: { ...batch.targets, ...drawn } };
}

import { resolve } from 'node:path';
import type { Sample } from '@polymodal/core';
import { UsageError } from '../command/usage-error';
import type { SlotModalities } from '../model/modalities-of';
import { unknownSlot } from './file-sample';

/**
 * One sample of values as `--value photo=a.png --value row.weight=12`: behind the slot's name a path for pictures and sounds, else the
 * value itself; a cell of a row is named by its column.
 *
 * @throws UsageError for what is no value, UnknownNameError for a slot that the model does not have
 */
export function valuesSample(values: readonly string[], modalities: SlotModalities, directory: string): Sample {
  const sample: Record<string, unknown> = {};
  for (const given of values) {
    const equals = given.indexOf('=');
    const [slot, ...column] = given.slice(0, Math.max(equals, 0)).split('.');
    if (slot === '') {
      const hint = `For example: --value ${Object.keys(modalities)[0]}=…`;
      throw new UsageError({
        where: '--value',
        expected: 'a slot and its value',
        received: JSON.stringify(given),
        hint,
      });
    }
    if (!(slot in modalities)) throw unknownSlot(slot, modalities, `--value ${given}`);
    const value = given.slice(equals + 1);
    const isFile = modalities[slot] === 'image' || modalities[slot] === 'audio';
    if (column.length > 0) sample[slot] = { ...(sample[slot] as object), [column.join('.')]: value };
    else sample[slot] = isFile ? resolve(directory, value) : value;
  }
  return { ...sample, meta: { input: values.join(' ') } };
}

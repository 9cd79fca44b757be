import { resolve } from 'node:path';
import type { Sample } from '@polymodal/core';
import { isAddress } from '@polymodal/data';
import { UsageError } from '../command/usage-error';
import type { SlotModalities } from '../model/modalities-of';
import { takesFile } from '../model/takes-file';
import { unknownSlot } from './file-sample';

/**
 * One sample of values as `--value photo=a.png --value row.weight=12`: behind the slot's name a path or address where it takes files, else the
 * value itself; a cell of a row is named by its column. An empty value is missing, as an empty cell of a table is.
 *
 * @throws UsageError for what is no value or comes twice, UnknownNameError for a slot that the model does not have
 */
export function valuesSample(values: readonly string[], modalities: SlotModalities, directory: string): Sample {
  const whole = new Map<string, string>();
  const rows = new Map<string, Map<string, string>>();
  for (const given of values) {
    const { slot, column, value } = parsed(given, modalities);
    if (!Object.hasOwn(modalities, slot)) throw unknownSlot(slot, modalities, `--value ${given}`);
    if (whole.has(slot) || (column === undefined ? rows.has(slot) : rows.get(slot)?.has(column))) throw twice(given);
    if (column !== undefined) rows.set(slot, (rows.get(slot) ?? new Map()).set(column, value));
    else
      whole.set(
        slot,
        takesFile(modalities[slot]) && value !== '' && !isAddress(value) ? resolve(directory, value) : value,
      );
  }
  const cells = [...rows].map(([slot, row]) => [slot, Object.fromEntries([...row].filter(isThere))] as const);
  const filled = cells.filter(([, row]) => Object.keys(row).length > 0);
  return {
    ...Object.fromEntries([...whole].filter(isThere)),
    ...Object.fromEntries(filled),
    meta: { input: values.join(' ') },
  };
}

/** The parts of `slot=value` and `slot.column=value`. */
function parsed(given: string, modalities: SlotModalities) {
  const equals = given.indexOf('=');
  const [slot, ...column] = given.slice(0, Math.max(equals, 0)).split('.');
  const name = column.length > 0 ? column.join('.') : undefined;
  if (slot !== '' && name !== '') return { slot, column: name, value: given.slice(equals + 1) };
  throw new UsageError({
    where: '--value',
    expected: 'a slot and its value, or a slot, a column and the value of its cell',
    received: JSON.stringify(given),
    hint: `For example: --value ${Object.keys(modalities)[0]}=…, or --value row.weight=12`,
  });
}

function isThere([, value]: readonly [string, string]): boolean {
  return value.trim() !== '';
}

function twice(given: string): UsageError {
  return new UsageError({
    where: '--value',
    expected: 'one value for each slot, and of a row one for each column',
    received: `another one: ${given}`,
    hint: 'A row is given by its cells alone, as --value row.weight=12; several samples come in a table.',
  });
}

import { ConfigError, type Sample, suggestNames, UnknownNameError } from '@polymodal/core';
import { mediaOfName } from '@polymodal/data';
import { readText } from '../data/read-text';
import type { SlotModalities } from '../model/modalities-of';
import { takesFile } from '../model/takes-file';
import type { InputOptions } from './open-inputs';

/** No text is longer that is asked about. */
const mostBytes = 2 ** 24;

/**
 * A sample of one file, for the slot that takes its kind. An empty text is missing, as an empty cell of a table is.
 *
 * @throws ConfigError where no slot takes it, or several do, and for a slot of cells of tables
 * @throws FileFormatError for a text that is not UTF-8
 */
export async function fileSample(
  path: string,
  input: string,
  { modalities, slot: asked }: Pick<InputOptions, 'modalities' | 'slot'>,
): Promise<Sample> {
  const slot = asked ?? slotFor(path, input, modalities);
  if (takesFile(modalities[slot])) return { [slot]: path, meta: { input } };
  if (modalities[slot] !== 'text') throw noFiles(slot, modalities);
  const text = await readText(path, input, mostBytes);
  return { ...(text.trim() !== '' && { [slot]: text }), meta: { input } };
}

/** @throws never: an error to be thrown, for a slot that the model does not have */
export function unknownSlot(slot: string, modalities: SlotModalities, where: string): UnknownNameError {
  const known = Object.keys(modalities);
  return new UnknownNameError({
    where,
    expected: 'a slot of the model',
    received: `"${slot}"`,
    hint: suggestNames(slot, known),
  });
}

function noFiles(slot: string, modalities: SlotModalities): ConfigError {
  return new ConfigError({
    where: '--slot',
    expected: 'a slot of pictures, sounds, texts or other files',
    received: `"${slot}" (${modalities[slot]})`,
    hint: `Its values come in a table, as new.csv, or one by one: --value ${slot}${modalities[slot] === 'row' ? '.<column>' : ''}=…`,
  });
}

function slotFor(path: string, input: string, modalities: SlotModalities): string {
  const kind = modalityOf(path);
  const slots = Object.keys(modalities).filter((slot) => modalities[slot] === kind);
  if (slots.length === 1) return slots[0];
  const all = Object.entries(modalities).map(([slot, modality]) => `${slot} (${modality})`);
  if (slots.length > 1) {
    const hint = `Say which: --slot ${slots[0]}`;
    throw new ConfigError({
      where: input,
      expected: 'a file that goes into one slot',
      received: `${kind}, which ${slots.join(' and ')} take`,
      hint,
    });
  }
  throw new ConfigError({
    where: input,
    expected: `a file for a slot of the model: ${all.join(', ')}`,
    received: kind ?? 'a file of another kind',
    hint: 'Rows of numbers come in a table: new.csv. Single values: --value slot=value. Or say what it is for: --slot.',
  });
}

function modalityOf(path: string): string | undefined {
  const media = mediaOfName(path);
  if (media !== undefined) return media === 'picture' ? 'image' : 'audio';
  return /\.(txt|md)$/i.test(path) ? 'text' : undefined;
}

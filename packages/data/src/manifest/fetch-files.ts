import { asSampleError, type Sample } from '@polymodal/core';
import type { ConversationTurn } from '../conversation/read-conversation';
import { isAddress } from '../values/media-type';
import type { ManifestOptions } from './manifest-options';
import type { ResolvedBindings } from './resolve-bindings';

/**
 * A sample with files in the place of their addresses.
 *
 * @param where how error messages call the sample
 * @throws SampleError for whatever `fetch` throws, which is its cause
 */
export async function fetchFiles(
  sample: Sample,
  { slots }: ResolvedBindings,
  fetch: ManifestOptions['fetch'],
  where: string,
): Promise<Sample> {
  if (!fetch) return sample;
  const values: Record<string, unknown> = { ...sample };
  const file = async (value: unknown): Promise<unknown> => {
    if (typeof value !== 'string' || !isAddress(value)) return value;
    try {
      return await fetch(value);
    } catch (error) {
      throw asSampleError(error, where, `the file of an address at ${new URL(value).host}`);
    }
  };
  for (const { name, columns, isRecord, conversation } of slots) {
    if (conversation && values[name] !== undefined) {
      values[name] = await withFiles(values[name] as readonly ConversationTurn[], name, file);
      continue;
    }
    if (isRecord || columns[0].as !== 'file' || values[name] === undefined) continue;
    const value = values[name];
    values[name] = Array.isArray(value) ? await Promise.all(value.map(file)) : await file(value);
  }
  return values;
}

/** A conversation with the values of other slots fetched. */
function withFiles(
  turns: readonly ConversationTurn[],
  host: string,
  file: (value: unknown) => Promise<unknown>,
): Promise<ConversationTurn[]> {
  const fetched = async (part: Readonly<Record<string, unknown>>) => {
    const [[slot, value]] = Object.entries(part);
    return slot === host ? part : { [slot]: await file(value) };
  };
  return Promise.all(
    turns.map(async ({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : await Promise.all(content.map(fetched)),
    })),
  );
}

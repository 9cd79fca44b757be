import { PolymodalError } from '@polymodal/core';
import type { Manifest } from '@polymodal/data';

/**
 * What a function gives that calls samples by their number in a data set; the errors that it throws say the file and line.
 *
 * @param sources the tables, by what the function calls them; by `''` the one whose samples it calls by their number alone
 */
export async function toldByLine<T>(
  sources: Readonly<Record<string, Manifest | undefined>>,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const [, source = '', index, rest = ''] = /^(?:(\w+), )?sample (\d+)(.*)$/s.exec(error.where ?? '') ?? [];
    const table = sources[source];
    throw table ? error.at(`${table.where(Number(index))}${rest}`) : error;
  }
}

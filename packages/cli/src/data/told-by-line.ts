import { PolymodalError } from '@polymodal/core';
import type { Manifest } from '@polymodal/data';

/** Tables, by what a function calls them; by `''` the one whose samples it calls by their number alone. */
export type CalledTables = Readonly<Record<string, Manifest | undefined>>;

/** What a function gives that calls samples by their number in a data set; the errors that it throws say the file and line. */
export async function toldByLine<T>(sources: CalledTables, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw PolymodalError.isInstance(error) ? atLine(error, sources) : error;
  }
}

/** An error that says the file and line of the sample that it calls by its number. */
export function atLine(error: PolymodalError, sources: CalledTables): PolymodalError {
  const [, source = '', index, rest = ''] = /^(?:([\w-]+), )?sample (\d+)(.*)$/s.exec(error.where ?? '') ?? [];
  const table = index === undefined ? undefined : sources[source];
  return table ? error.at(`${table.where(Number(index))}${rest}`) : error;
}

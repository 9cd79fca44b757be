import { isMissing } from '../values/missing-cells';
import type { Manifest } from './manifest';

/** What is known of a sample without opening its files. */
export interface SampleTraits {
  /** The slots that it has a value for, in the order of the bindings: `image+text`. */
  readonly combination: string;
  /** Its targets' cells, as texts; those that are empty are left out. */
  readonly targets: Readonly<Record<string, string>>;
}

/** What a sample has, by its row. @throws SampleError for a row that cannot be read any more */
export async function sampleTraits(manifest: Manifest, index: number): Promise<SampleTraits> {
  const { bindings, missing } = manifest;
  const cells = await manifest.cells(index);
  const isThere = (place: number) => !isMissing(cells[place], missing);
  const slots = bindings.slots.filter(({ columns }) => columns.some(({ place }) => isThere(place)));
  const targets = bindings.targets.filter(({ columns: [{ place }] }) => isThere(place));
  return {
    combination: slots.map(({ name }) => name).join('+'),
    targets: Object.fromEntries(targets.map(({ name, columns: [{ place }] }) => [name, String(cells[place]).trim()])),
  };
}

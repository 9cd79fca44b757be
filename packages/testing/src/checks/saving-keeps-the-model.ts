import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, saveModel } from '@polymodal/core/node';
import type { ModelCase } from '../cases/model-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';
import { expectSameValues } from '../compare/expect-same-values';
import { readParameterValues } from '../compare/read-parameter-values';
import { ConformanceError } from '../conformance-error';

/** A saved model that is loaded again has the same parameters and answers, to the bit, and is saved as the same bytes. */
export async function savingKeepsTheModel(subject: ModelCase): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'polymodal-conformance-'));
  const model = subject.compose();
  try {
    await saveModel(model, join(directory, 'first'));
    const loaded = await loadModel(subject.registry, join(directory, 'first'));
    await saveModel(loaded, join(directory, 'second'));
    const claim = `${subject.name}, saved and loaded again`;
    expectSameValues(claim, await readParameterValues(model), await readParameterValues(loaded), 0);
    expectSamePlainData(claim, await model.predict(subject.samples), await loaded.predict(subject.samples), 0);
    loaded.dispose();
    await expectSameFiles(subject.name, join(directory, 'first'), join(directory, 'second'));
  } finally {
    model.dispose();
    await rm(directory, { recursive: true });
  }
}

async function expectSameFiles(name: string, first: string, second: string): Promise<void> {
  const entries = await readdir(first, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const twin = path.replace(first, second);
    if ((await readFile(path)).equals(await readFile(twin))) continue;
    throw new ConformanceError({
      where: `${name}, saved, loaded and saved again: ${entry.name}`,
      expected: 'the same bytes',
      received: 'others',
    });
  }
}

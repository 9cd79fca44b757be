import type { Family } from '@polymodal/hub';
import { installed } from '../command/installed';

/** Each needs the encoders of its modalities. */
const entries: readonly (() => Promise<readonly Family[]>)[] = [
  async () => (await import('@polymodal/architectures/language-models')).languageModels,
  async () => (await import('@polymodal/architectures/image-text')).imageTextFamilies,
  async () => (await import('@polymodal/architectures/vision-language')).visionLanguageModels,
  async () => (await import('@polymodal/architectures/audio-text')).audioTextFamilies,
  async () => (await import('@polymodal/architectures/encoder-decoders')).encoderDecoders,
  async () => (await import('@polymodal/architectures/captions')).captionFamilies,
  async () => {
    const { tokenClassifiers, questionAnswerers } = await import('@polymodal/architectures/text-spans');
    return [...tokenClassifiers, ...questionAnswerers];
  },
  async () => (await import('@polymodal/architectures/speech')).speechFamilies,
];

/**
 * The families of whole models, as far as the packages are installed that they are made of.
 *
 * @throws ConfigError where none are, with what to install
 */
export async function wholeFamilies(): Promise<readonly Family[]> {
  const [first, ...others] = entries;
  const families = [...(await installed(first, 'hub convert', '@polymodal/architectures'))];
  for (const load of others) families.push(...(await load().catch(noneWithoutPackage)));
  return families;
}

function noneWithoutPackage(error: unknown): readonly Family[] {
  if ((error as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return [];
  throw error;
}

import { PolymodalError, SampleError } from './errors';
import type { ProcessContext } from './processor';
import { schemeOf, unreadableValue } from './unreadable-value';

/**
 * The bytes of a file that a sample names by its path.
 *
 * @param context says whether samples may name files
 * @param what the kind of file, with its article: `an image file`
 * @param read what opens it, with `readRegularFile` of `@polymodal/core/files`
 * @throws SampleError for a URL, an empty path, any path where no files are read, and whatever `read` cannot read
 */
export async function readSampleFile(
  path: string,
  context: ProcessContext,
  what: string,
  read: (path: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if (path === '' || schemeOf(path)) throw unreadableValue(path, `the path of ${what}`);
  if (context.readFiles === false) {
    throw new SampleError({
      expected: `the bytes of ${what}`,
      received: 'a path', // not which: the answer goes to whoever sent it
      hint: 'This model reads no files (`readFiles: false`).',
    });
  }
  try {
    return await read(path);
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const { where, expected, received, hint = 'Relative paths start from the folder the process runs in.' } = error;
    throw new SampleError({ ...(where && { where }), expected, received, hint, cause: error });
  }
}

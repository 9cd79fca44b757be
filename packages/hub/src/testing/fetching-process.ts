// Fetches a file in a process of its own, for tests: <endpoint> <cache> [file …]. Says how far it is, and then where the file is.
import { download } from '../download/download';

const [endpoint, cacheDirectory, ...files] = process.argv.slice(2);
const { directory } = await download('owner/model', {
  endpoint,
  cacheDirectory,
  token: false,
  ...(files.length > 0 && { files }),
  onProgress: ({ received }) => console.log(`received ${received}`),
});
console.log(`done ${directory}`);

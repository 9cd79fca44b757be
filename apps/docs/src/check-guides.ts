import { checkTypes, GuideProject } from './guide-project';
import { guides } from './guides';

/**
 * Checks the types of the guides' code as a reader's compiler does: with the settings that `tsc --init` writes, against the
 * declarations of the built packages.
 */
const compilers = ['typescript', 'typescript-7'];

for (const [name, guide] of guides) new GuideProject(name, guide);
for (const compiler of compilers) {
  const { version, succeeded, printed } = checkTypes(compiler);
  console.log(`${succeeded ? '✓' : '✗'} the guides with TypeScript ${version}`);
  if (succeeded) continue;
  console.error(printed);
  process.exitCode = 1;
}

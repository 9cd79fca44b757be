// Runs the real packages of the backends that are too large to be dependencies of this repository, as far as this
// machine has what they need: npm run check:backends
import { bundleProgram } from './bundle-program';
import { type Check, checks, NotHere } from './checks';
import { installPackages } from './install-packages';
import { scratchFolders } from './scratch-folders';

installPackages();
await bundleProgram(Object.values(scratchFolders));

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const check of checks) counts[await outcomeOf(check)]++;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} not checked here`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function outcomeOf({ name, run }: Check): Promise<keyof typeof counts> {
  try {
    console.log(`✓ ${name}: ${await run()}`);
    return 'passed';
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof NotHere) console.log(`– ${name}: ${message}`);
    else console.log(`✗ ${name}: ${message}`);
    return error instanceof NotHere ? 'skipped' : 'failed';
  }
}

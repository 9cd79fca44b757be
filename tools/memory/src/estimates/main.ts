// Estimates what trainings take of memory, and what a run does by `polymodal info`, and then measures the peak of each, every time in a process of
// its own:
//   pnpm check:estimates
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { estimatesOfInfo } from './info';
import { trainings } from './trainings';

/** What an estimate may be off by. */
const allowed = 0.2;

const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);

const asked = process.argv.slice(2).filter((argument) => argument !== '--');
let worst = 0;
console.log('| training | estimated | measured | off by |\n| --- | --- | --- | --- |');
for (const name of Object.keys(trainings).filter(
  (own) => asked.length === 0 || asked.some((part) => own.includes(part)),
)) {
  const [estimated, measured] = ['estimate', 'train'].map((task) => {
    const args = ['--conditions=@polymodal/source', '--import', 'tsx', child, task, name];
    const said = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return Number(said.trim().split('\n').at(-1));
  }) as [number, number];
  tell(name, estimated, measured);
}
if (asked.length === 0 || asked.includes('info'))
  for (const { name, estimated, measured } of estimatesOfInfo()) tell(name, estimated, measured);
console.log(`${worst <= allowed ? 'OK' : 'FAULT'}: estimates are off by ${(100 * worst).toFixed(1)} % at most`);

function tell(name: string, estimated: number, measured: number): void {
  const off = estimated / measured - 1;
  worst = Math.max(worst, Math.abs(off));
  console.log(`| ${name} | ${mebibytes(estimated)} MiB | ${mebibytes(measured)} MiB | ${(100 * off).toFixed(1)} % |`);
}

process.exitCode = worst <= allowed ? 0 : 1;

// Compares every fusion under one budget: npm run bench:fusion -- [--quick]. The last line is JSON.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '@polymodal/bench/bundle';
import { describeMachine } from '@polymodal/bench/machine';
import { replaceFile } from '@polymodal/core/node';
import { readMissingTable } from '@polymodal/data';
import { claimDirectory, runProgram, startProgress } from '@polymodal/example-material';
import { type BudgetName, budgets } from './budget';
import { controls } from './controls/controls';
import { FinishedTrainings } from './finished-trainings';
import type { TaskGroup, Training } from './job';
import type { Cost, CostJob } from './measure-cost';
import { applies, type MethodName } from './methods';
import { tablePath } from './missing/stored-tables';
import { type Options, readOptions } from './options';
import { planJobs } from './plan';
import { figuresTables } from './report/figures-tables';
import { tableText } from './report/tables-text';
import { writeFusionReport } from './report/write-fusion-report';
import { checkGuide, writeGuideFigures } from './report/write-guide-figures';
import { summarize } from './results';
import { runProcesses } from './run-processes';
import { shortResults } from './short-results';
import { writeTasks } from './task-files';
import { controlTask } from './tasks/control-task';
import { digitsTask } from './tasks/digits';
import { sortOfClevrTask } from './tasks/sort-of-clevr';
import type { Task } from './tasks/task';
import { claimTrainings, finishedPath, forgetTrainings } from './trainings-folder';

const comparedTasks = ['digits', 'sort-of-clevr'] as const;

async function main(options: Options, signal: AbortSignal): Promise<void> {
  const { budget, methods, directory } = options;
  if (options.guide !== undefined) await checkGuide(options.guide);
  const machine = describeMachine();
  const folder = join(directory, 'trainings');
  const [resultsPath, reportPath] = [join(directory, 'results.json'), join(directory, 'report.html')];
  await claimDirectory(directory, {
    names: ['trainings', 'report.html'],
    isResults: ({ bench }) => bench === 'fusion',
  });
  if (existsSync(resultsPath)) {
    console.log(
      `${resultsPath} is of a finished run, which is made anew and replaced. To keep it: --directory <another>.`,
    );
    await forgetTrainings(folder);
    await rm(resultsPath);
  }

  const groups = await makeTasks(budget, signal);
  const tables = await checksums();
  const started = await claimTrainings(folder, { bench: 'fusion', budget, settings: budgets[budget], tables });
  for (const [group, tasks] of Object.entries(groups)) await writeTasks(folder, group as TaskGroup, tasks);

  const script = await bundle(new URL('worker.ts', import.meta.url), 'fusion-worker');
  const finished = await FinishedTrainings.open(finishedPath(folder));
  const { jobs, trainings } = planJobs(groups, methods, budget, folder, finished.all);
  const progress = startProgress('Training', trainings, true);
  try {
    const onMessage = (training: Training) => {
      finished.add(training);
      progress.step();
    };
    await runProcesses(jobs, { script, workers: options.workers, signal, onMessage });
  } finally {
    progress.stop();
  }
  const costs = await measureCosts(groups, methods, { script, folder, signal });

  const seconds = (Date.now() - started) / 1000;
  const chosen = finished.all.filter(({ method }) => methods.includes(method));
  const results = summarize(budget, { trainings: chosen, costs, tables, machine, seconds });
  await writeFusionReport(reportPath, results);
  await replaceFile(resultsPath, `${JSON.stringify(results, null, 2)}\n`);
  if (options.guide !== undefined) await writeGuideFigures(options.guide, results);
  console.log(
    `\n${figuresTables(results).map(tableText).join('\n\n')}\n\nReport:  ${reportPath}\nFigures: ${resultsPath}`,
  );
  console.log(JSON.stringify(shortResults(results)));
}

/** All that is learned, by budget. */
async function makeTasks(budget: BudgetName, signal: AbortSignal): Promise<Record<TaskGroup, readonly Task[]>> {
  const { tasks } = budgets[budget];
  return {
    digits: [await digitsTask(tasks.digits.train, signal)],
    'sort-of-clevr': [await sortOfClevrTask(tasks['sort-of-clevr'].train)],
    controls: controls.map((control) => controlTask(control, tasks.controls.train)),
  };
}

async function checksums(): Promise<Record<string, string>> {
  const entries = comparedTasks.map(async (task) => [task, (await readMissingTable(tablePath(task))).sha256]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What each method costs on the tasks that are compared, one after the other, with nothing else to do. */
async function measureCosts(
  groups: Readonly<Record<TaskGroup, readonly Task[]>>,
  methods: readonly MethodName[],
  { script, folder, signal }: { readonly script: string; readonly folder: string; readonly signal: AbortSignal },
) {
  const costs: Record<string, Partial<Record<MethodName, Cost>>> = {};
  const jobs = comparedTasks.flatMap((group) =>
    methods
      .filter((method) => applies(method, groups[group][0]))
      .map((method): CostJob => ({ group, method, data: folder })),
  );
  const progress = startProgress('Measuring costs', jobs.length, true);
  try {
    for (const job of jobs) {
      const onMessage = (cost: Cost) => {
        costs[job.group] = { ...costs[job.group], [job.method]: cost };
      };
      await runProcesses([job], { script, workers: 1, signal, onMessage });
      progress.step();
    }
  } finally {
    progress.stop();
  }
  return costs;
}

await runProgram(async (signal) => {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options, signal);
});

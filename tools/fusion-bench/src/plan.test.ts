import { expect, it } from 'vitest';
import { budgets } from './budget';
import type { Training } from './job';
import { planJobs } from './plan';
import { smallTask } from './testing/small-tasks';

const groups = {
  digits: [smallTask(0, { name: 'digits', causalHost: 'a' })],
  'sort-of-clevr': [smallTask(0, { name: 'sort-of-clevr' })],
  controls: [smallTask(0, { name: 'xor' }), smallTask(0, { name: 'copy' })],
};
const finished = (task: string, method: string, seed: number) => ({ task, method, seed }) as Training;
const plan = (done: readonly Training[]) => planJobs(groups, ['concat', 'flamingo'], 'full', 'data', done);

it('planJobs has a job for each group that a method applies to', () => {
  const { jobs, trainings } = plan([]);
  expect(jobs.map(({ group, method }) => `${group} ${method}`)).toEqual([
    'digits concat',
    'sort-of-clevr concat',
    'controls concat',
    'digits flamingo',
  ]);
  expect(budgets.full).toMatchObject({ seeds: 3, tasks: { digits: { irrelevant: true } } });
  expect(trainings).toBe(4 + 4 + 3 + 6);
});

it('planJobs leaves out what is finished, and tells each job what is', () => {
  const all = [0, 1, 2].map((seed) => finished('digits', 'concat', seed));
  const irrelevant = finished('digits, irrelevant', 'concat', 0);
  expect(plan([...all, irrelevant]).jobs.map(({ group }) => group)).toEqual(['sort-of-clevr', 'controls', 'digits']);
  const { jobs, trainings } = plan([...all, finished('xor', 'concat', 1)]);
  expect(jobs[0].finished).toEqual(all);
  expect(jobs.find(({ group }) => group === 'controls')!.finished).toEqual([finished('xor', 'concat', 1)]);
  expect(trainings).toBe(1 + 4 + 3 + 5);
});

import { formatSeconds } from '../progress';
import { escapeHtml } from '../report/html';
import { lineChart, type Series } from '../report/line-chart';
import { reportStyle } from '../report/report-style';
import { learningCurves } from '../report/training-report';
import type { StepRecord } from '../run/step-record';
import { describeWait } from '../run/step-time';
import type { WatchedRun } from './run-watcher';

/** So many points a curve has at most: each is the mean of the steps around it. */
const mostPoints = 300;

/** Puts what the server sends in place, and says when it sends nothing any more. */
export const watchScript = `
const main = document.querySelector('main');
const source = new EventSource('/events');
source.onmessage = ({ data }) => { main.innerHTML = JSON.parse(data); };
source.onopen = () => document.body.classList.remove('lost');
source.onerror = () => document.body.classList.add('lost');
`;

const style = `${reportStyle}
.tiles { display: flex; flex-wrap: wrap; gap: 12px 36px; margin: 12px 0 20px; }
.tiles div { min-width: 90px; }
.tiles b { display: block; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--quiet); font-size: 13px; }
.state { font-size: 13px; font-weight: 600; border-radius: 999px; padding: 2px 10px; margin-left: 10px; background: var(--panel); }
.state.running, .state.begun { color: var(--series-2); } .state.damaged { color: var(--series-4); } .state.interrupted { color: var(--series-1); }
.bar { height: 6px; border-radius: 3px; background: var(--line); overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--series-0); }
.fault { color: var(--series-4); }
.notice { display: none; position: fixed; inset: auto 0 0 0; padding: 10px 24px; background: var(--panel); border-top: 1px solid var(--line); }
.lost .notice { display: block; }
`;

/** The page, with the runs as they are now. */
export function watchPage(title: string, runs: readonly WatchedRun[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<main>${watchedRuns(runs)}</main>
<p class="notice">polymodal watch has ended, or cannot be reached.</p>
<script>${watchScript}</script>
</html>
`;
}

/** The part of the page that changes. */
export function watchedRuns(runs: readonly WatchedRun[]): string {
  if (runs.length === 0) return '<h1>No run yet</h1><p>It is shown here when it begins.</p>';
  return runs.map(runSection).join('\n');
}

function runSection({ name, state, fault, steps, epochs, secondsLeft }: WatchedRun): string {
  const last = steps.at(-1);
  const share = last ? last.step / last.totalSteps : 0;
  const head = `<h1>${escapeHtml(name)}<span class="state ${state}">${state}</span></h1>`;
  const told = fault === undefined ? '' : `<p class="fault">${escapeHtml(fault)}</p>`;
  if (!last) return `<section>${head}${told}<p>No step has been taken yet.</p></section>`;
  return `<section>${head}${told}
<div class="bar"><i style="width: ${(100 * share).toFixed(1)}%"></i></div>
<div class="tiles">${tiles(last, secondsLeft)}</div>
<div class="charts">${lineChart({ title: 'Loss of each step', xLabel: 'step', series: lossSeries(steps) })}
${lineChart({ title: 'Samples a second', xLabel: 'step', series: [series('samples/s', steps, ({ pace }) => pace.samplesPerSecond)] })}
${lineChart({ title: 'Memory of the process (MiB)', xLabel: 'step', series: [series('MiB', steps, ({ pace }) => pace.memory / 2 ** 20)] })}</div>
${epochs.length > 0 ? `<h2>Epochs</h2>${learningCurves({ epochs })}` : ''}</section>`;
}

function tiles({ step, totalSteps, epoch, stage, loss, learningRate, pace }: StepRecord, secondsLeft?: number): string {
  const shown: readonly (readonly [string, string])[] = [
    ['step', `${step} / ${totalSteps}`],
    ['epoch', `${epoch}${stage === undefined ? '' : ` (${stage})`}`],
    ['loss', loss.toPrecision(4)],
    ['learning rate', learningRate.toPrecision(3)],
    ['time', formatSeconds(pace.seconds)],
    ...(secondsLeft === undefined ? [] : [['left', formatSeconds(secondsLeft)] as const]),
    ['samples/s', String(Number(pace.samplesPerSecond.toPrecision(3)))],
    ['of the last step', describeWait(pace.dataWait)],
    ['memory', `${Math.round(pace.memory / 2 ** 20)} MiB`],
  ];
  return shown.map(([label, value]) => `<div><b>${escapeHtml(value)}</b><span>${label}</span></div>`).join('');
}

/** The loss of all, and that of each head where there are several. */
function lossSeries(steps: readonly StepRecord[]): Series[] {
  const heads = [...new Set(steps.flatMap(({ losses }) => Object.keys(losses)))];
  const own = heads.map((head) => series(head, steps, ({ losses }) => losses[head]));
  return heads.length < 2 ? own : [series('all', steps, ({ loss }) => loss), ...own];
}

function series(name: string, steps: readonly StepRecord[], of: (step: StepRecord) => number | undefined): Series {
  const size = Math.ceil(steps.length / mostPoints);
  const points: (readonly [number, number])[] = [];
  for (let begin = 0; begin < steps.length; begin += size) {
    const group = steps.slice(begin, begin + size);
    const values = group.map(of).filter((value): value is number => Number.isFinite(value));
    points.push([group.at(-1)!.step, values.reduce((sum, value) => sum + value, 0) / values.length]);
  }
  return { name, points };
}

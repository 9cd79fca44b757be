import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, StorageError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { tinyModel } from '../testing/tiny-model';
import { confusionMatrix } from './confusion-matrix';
import { lineChart } from './line-chart';
import { table } from './table';
import { learningCurves, subsetTable, trainingSections } from './training-report';
import { renderReport, writeReport } from './write-report';

const curve = lineChart({
  title: 'Loss',
  xLabel: 'epoch',
  series: [
    {
      name: 'a <b>',
      points: [
        [1, 2],
        [2, 1],
        [3, Number.NaN],
        [4, 0],
        [5, 1],
      ],
    },
    { name: 'c', points: [[1, 1]] },
  ],
});

describe('renderReport', () => {
  it('makes a page that loads nothing and runs nothing', () => {
    const page = renderReport({ title: 'A & B', sections: [{ heading: '<1>', html: curve }] });
    expect(page).toContain('<title>A &amp; B</title>');
    expect(page).toContain('<h2>&lt;1&gt;</h2>');
    expect(page).not.toMatch(/<script|<link|@import|https?:|url\(/);
  });
});

describe('writeReport', () => {
  const report = { title: 'A', sections: [] };

  it('replaces a report, and no other file', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'report.html');
    await writeReport(path, report);
    await writeReport(path, { ...report, title: 'B' });
    expect(readFileSync(path, 'utf8')).toContain('<title>B</title>');
    writeFileSync(path, '<html>of the user</html>');
    await expect(writeReport(path, report)).rejects.toThrow(/expected no file, or a report that may be replaced/);
    expect(readFileSync(path, 'utf8')).toBe('<html>of the user</html>');
    await expect(writeReport(folder, report)).rejects.toThrow(StorageError);
    await expect(writeReport(join(folder, 'no', 'folder'), report)).rejects.toThrow(StorageError);
  });

  it('refuses what is no report, with the nearest name', async () => {
    await expect(writeReport('x.html', { ...report, section: [] } as never)).rejects.toThrow(/"section".*"sections"/);
    expect(() => renderReport({ title: 'A' } as never)).toThrow(/report\.sections/);
    expect(() => lineChart({ title: 'A', xlabel: 'x', series: [] } as never)).toThrow(ConfigError);
  });
});

describe('lineChart', () => {
  it('places points linearly between the ticks of its axes', () => {
    const path = /<path d="([^"]+)"/.exec(curve)![1];
    const points = [...path.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const [[x1, y1], [x2, y2], [x4, y4]] = points;
    expect(x4 - x2).toBeCloseTo(2 * (x2 - x1), 2);
    expect(y2 - y1).toBeCloseTo(y4 - y2, 2); // 2, 1, 0 in equal steps, downwards
    expect(y2).toBeGreaterThan(y1);
  });

  it('breaks the curve where there is no number, shows a lone point as a dot, and escapes names', () => {
    expect(/<path d="([^"]+)"/.exec(curve)![1].match(/M/g)).toHaveLength(2);
    expect(curve.match(/<circle/g)).toHaveLength(1);
    expect(curve).toContain('a &lt;b&gt;');
    expect(curve).not.toContain('NaN');
  });

  it('draws an empty chart where there is nothing', () => {
    expect(lineChart({ title: 'x', xLabel: 'y', series: [] })).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('table', () => {
  it('escapes text and takes HTML as it is', () => {
    expect(table(['<a>'], [['<i>', { html: '<b>1</b>' }]])).toContain(
      '<td class="text">&lt;i&gt;</td><td><b>1</b></td>',
    );
  });
});

describe('confusionMatrix', () => {
  it('has a row for each true class, leaves zeros empty, and shades by the share of the row', () => {
    const html = confusionMatrix(
      ['cat', 'dog'],
      [
        [3, 1],
        [0, 2],
      ],
    );
    expect([...html.matchAll(/<td[^>]*>(\d*)<\/td>/g)].map(([, count]) => count)).toEqual(['3', '1', '', '2']);
    const shades = [...html.matchAll(/, ([\d.]+)\)"/g)].map(([, shade]) => Number(shade));
    expect(shades[1]).toBeLessThan(shades[0]);
    expect(shades[0]).toBeLessThan(shades[2]);
  });
});

/** A quarter of what was computed was padding; of random batches it would have been half. */
const tokens = { taken: 300, computed: 400, atRandom: 600 };

describe('the training report', () => {
  const figures = (accuracy: number) => ({
    digit: {
      count: 100,
      metrics: { accuracy },
      intervals: { accuracy: { low: accuracy - 0.1, high: accuracy + 0.1 } },
    },
    match: { count: 100, metrics: { 'a→b R@1': 0.25, 'b→a R@1': 0.5 }, intervals: {} },
  });

  it('shows each subset with its interval', () => {
    const html = subsetTable({ a: figures(0.5), 'a+b': figures(0.75) });
    expect(html).toMatch(/a\+b<\/td><td>.*75\.0 % <small>65\.0 % – 85\.0 %<\/small>.*<td>100<\/td>/);
    expect(html).toContain('<td>0.25</td><td>0.5</td>');
  });

  it('draws metrics that end alike in one chart', () => {
    const epochs = [1, 2].map((epoch) => ({
      epoch,
      step: epoch,
      loss: 1,
      losses: { digit: 1, match: 3 },
      terms: { digit: { crossEntropy: 1 }, match: { near: 1, far: 2 } },
      dataWait: 0.125,
      tokens,
      seconds: 1,
      evaluation: figures(0.5),
    }));
    expect(learningCurves({ epochs })).toContain('match far');
    expect(learningCurves({ epochs })).not.toContain('digit crossEntropy');
    const titles = [...learningCurves({ epochs }).matchAll(/<figcaption>([^<]+)/g)].map(([, title]) => title);
    expect(titles).toEqual(['Training loss', 'Evaluation: accuracy', 'Evaluation: R@1']);
  });
});

describe('the report of a run of stages', () => {
  const record = (stage: string, epoch: number) => ({
    stage,
    epoch,
    step: 5 * epoch,
    loss: 1 / epoch,
    losses: {},
    terms: {},
    tokens,
  });
  const epochs = [record('align', 1), record('align', 2), record('tune', 3)].map((own) => ({
    ...own,
    dataWait: 0.125,
    seconds: 1,
  }));
  const result = { status: 'finished', model: tinyModel(), steps: 15, seconds: 1, epochs, tokens } as const;

  it('says how far each went, and with what loss', () => {
    const [{ html }] = trainingSections(result);
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => row.replaceAll(/<[^>]*>/g, ' ').split(/\s+/));
    expect(rows.map((cells) => cells.filter(Boolean))).toEqual([
      ['stage', 'up', 'to', 'epoch', 'step', 'loss'],
      ['align', '2', '10', '0.5'],
      ['tune', '3', '15', '0.3333'],
    ]);
    expect(trainingSections(result)[0].html).toContain('in the last, 13 % waiting for data');
    expect(trainingSections(result)[0].html).toContain('25.0 % of all tokens were padding');
    expect(trainingSections(result)[0].html).toContain('50.0 %, and computed 1.50 × as many');
    const plain = { ...result, epochs: epochs.map(({ stage: _, ...own }) => own) };
    expect(trainingSections(plain)[0].html).not.toContain('<table');
  });
});

import { parseConfig } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { z } from 'zod';
import { reportMark, requireOwnReport } from '../run/own-report';
import { escapeHtml } from './html';
import { reportStyle } from './report-style';

/** A part of a report. */
export interface Section {
  readonly heading: string;
  /** HTML, as `lineChart`, `table` and the like make it, or your own: pictures as `data:` addresses, say. */
  readonly html: string;
}

/** A page made of sections. */
export interface Report {
  readonly title: string;
  readonly sections: readonly Section[];
}

const schema = z.strictObject({
  title: z.string(),
  sections: z.array(z.strictObject({ heading: z.string(), html: z.string() })).readonly(),
});

/**
 * A report as one HTML page that needs nothing else: no network, no script; light or dark as the reader prefers.
 *
 * @throws ConfigError for what is no report
 */
export function renderReport(report: Report): string {
  const { title, sections } = parseConfig(schema, report, 'report');
  const parts = sections.map(({ heading, html }) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${html}\n</section>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
${reportMark}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${reportStyle}</style>
<main>
<h1>${escapeHtml(title)}</h1>
${parts.join('\n')}
</main>
</html>
`;
}

/**
 * Writes a report to a file, or in place of a report.
 *
 * ```ts
 * const result = await train(model, { data, evaluate: test });
 * await writeReport('report.html', { title: 'Tomatoes', sections: trainingSections(result) });
 * ```
 *
 * @throws ConfigError for what is no report, and for a path where there is another file
 * @throws StorageError if the file system refuses
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  const page = renderReport(report);
  requireOwnReport(path);
  await replaceFile(path, page);
}

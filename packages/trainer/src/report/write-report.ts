import { replaceFile } from '@polymodal/core/node';
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

/** A report as one HTML page that needs nothing else: no network, no script; light or dark as the reader prefers. */
export function renderReport({ title, sections }: Report): string {
  const parts = sections.map(({ heading, html }) => `<section>\n<h2>${escapeHtml(heading)}</h2>\n${html}\n</section>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
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

/** Writes a report to a file. */
export async function writeReport(path: string, report: Report): Promise<void> {
  await replaceFile(path, renderReport(report));
}

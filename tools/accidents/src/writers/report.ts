import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReport, writeReport } from '@polymodal/trainer';
import { MixtureError, type Version, type Writer } from '../writer';

/** `writeReport`. */
export function reportWriter(): Writer {
  const report = (version: Version) => ({
    title: `Report ${version}`,
    sections: Array.from({ length: 400 }, (_, i) => ({
      heading: `${version} ${i}`,
      html: `<p>${version.repeat(2000)}</p>`,
    })),
  });
  return {
    write: (folder, version) => writeReport(join(folder, 'report.html'), report(version)),
    async read(folder) {
      const path = join(folder, 'report.html');
      if (!existsSync(path)) return 'nothing';
      const found = readFileSync(path, 'utf8');
      for (const version of ['A', 'B'] as const) if (found === renderReport(report(version))) return version;
      throw new MixtureError('a report that is neither');
    },
  };
}

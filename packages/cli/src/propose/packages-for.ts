import type { Registry } from '@polymodal/core';
import { packageOf } from './package-of';
import type { ProposedProject } from './propose-project';

/** The packages that a proposed config needs and that are not installed. */
export function packagesFor({ model }: ProposedProject, installed: Registry['names']): string[] {
  const { encoders, fusion, heads } = model;
  const missing = [
    ...Object.values(encoders).filter(({ use }) => !installed.encoders.includes(use)),
    ...(installed.fusions.includes(fusion.use) ? [] : [fusion]),
    ...Object.values(heads).filter(({ use }) => !installed.heads.includes(use)),
  ];
  return [...new Set(missing.flatMap(({ use }) => packageOf(use) ?? []))];
}

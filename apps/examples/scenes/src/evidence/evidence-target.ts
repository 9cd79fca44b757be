import {
  defineProcessor,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import type { SceneObject } from '../scene/scene';

/** What an answer turns on. */
export interface Evidence {
  /** Whom the question names first. */
  readonly subject: SceneObject;
  /** With whom the subject is compared or counted. */
  readonly others: readonly SceneObject[];
}

/** Parts that an object may have in an answer: none, that of the subject, that of another that it turns on. */
export const parts = ['none', 'subject', 'other'] as const;

const evidenceOptions = z.object({
  /** Cells of the grid over a picture, along each side. */
  cells: z.int().positive(),
  /** Pixels a side of a cell. */
  cellSize: z.int().positive(),
});

/** Of a question: of each cell of its picture which of the {@link parts} the object has whose centre lies there. */
export type EvidenceRow = { readonly parts: HostTensor1D };
/** Of P questions about pictures with N cells: (P, N). */
export type EvidenceFeatures = { readonly parts: HostTensor2D };

/** Reads what an answer turns on as a part for each cell of the picture. */
export class EvidenceTarget implements Processor<Evidence, EvidenceRow, EvidenceFeatures> {
  constructor(readonly options: z.output<typeof evidenceOptions>) {}

  process(evidence: Evidence): EvidenceRow {
    const { cells, cellSize } = this.options;
    if (!evidence?.subject || !Array.isArray(evidence.others)) {
      throw new SampleError({ expected: 'a subject and others', received: describeValue(evidence) });
    }
    const own = new Uint8Array(cells * cells);
    const mark = ({ x, y }: SceneObject, part: (typeof parts)[number]) => {
      own[Math.floor(y / cellSize) * cells + Math.floor(x / cellSize)] = parts.indexOf(part);
    };
    mark(evidence.subject, 'subject');
    for (const other of evidence.others) mark(other, 'other');
    return { parts: hostTensor(own, [cells * cells]) };
  }

  collate(rows: readonly EvidenceRow[]): EvidenceFeatures {
    return { parts: padAndStack(rows.map((row) => row.parts)) };
  }

  shape() {
    return {};
  }
}

/** The processor of {@link EvidenceTarget}. */
export const evidenceTarget = defineProcessor({
  config: evidenceOptions,
  create: (options) => new EvidenceTarget(options),
});

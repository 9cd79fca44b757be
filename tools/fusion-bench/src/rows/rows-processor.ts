import {
  commonLengths,
  defineProcessor,
  describeValue,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  type Lengths,
  lengthMask,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

/** Some things, each as the same few numbers: objects of a scene, or one clue. */
export type Rows = readonly (readonly number[])[];

const rowsOptions = z.object({
  /** Numbers in a row. */
  columns: z.int().positive(),
});

/** Those of one value: (N, C). */
export type RowsRow = { readonly values: HostTensor2D };

/** Those of P values: (P, N, C), and which rows take part (P, N). */
export type RowsFeatures = { readonly values: HostTensor3D; readonly mask: HostTensor2D };

/** Takes rows of numbers as they are. */
class RowsProcessor implements Processor<Rows, RowsRow, RowsFeatures> {
  readonly masks = { mask: ['values'] };

  constructor(readonly columns: number) {}

  /** @throws SampleError for what is not at least one row of as many finite numbers */
  process(raw: Rows): RowsRow {
    const isRow = (row: unknown) => Array.isArray(row) && row.length === this.columns && row.every(Number.isFinite);
    if (!Array.isArray(raw) || raw.length === 0 || !raw.every(isRow)) {
      throw new SampleError({
        expected: `at least one row of ${this.columns} finite numbers`,
        received: describeValue(raw),
      });
    }
    return { values: hostTensor(Float32Array.from(raw.flat()), [raw.length, this.columns]) };
  }

  collate(rows: readonly RowsRow[], lengths?: Lengths): RowsFeatures {
    const { rows: padded } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    return {
      values: padAndStack(
        rows.map(({ values }) => values),
        [padded, this.columns],
      ),
      mask: lengthMask(
        rows.map(({ values }) => values.shape[0]),
        padded,
      ),
    };
  }

  shape({ values }: RowsRow) {
    return { lengths: { rows: values.shape[0] } };
  }
}

/** The `processor` of encoders of rows. */
export const rowsProcessor = defineProcessor({
  config: rowsOptions,
  create: ({ columns }) => new RowsProcessor(columns),
});

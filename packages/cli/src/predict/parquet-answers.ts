import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { type AnswerRow, type Cell, columnsOf } from './answer-row';

/** Answers as a Parquet file: numbers as doubles, those of labels (`tone.index`) as int32, texts and flags; what is not there is null. */
export function parquetAnswers(rows: readonly AnswerRow[]): Uint8Array {
  const columnData = columnsOf(rows).map((name) =>
    column(
      name,
      rows.map((row) => row[name] ?? null),
    ),
  );
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'polymodal' }));
}

function column(name: string, cells: readonly Cell[]): ColumnSource {
  const types = new Set(cells.flatMap((cell) => (cell === null ? [] : [typeof cell])));
  const [type] = types.size === 1 ? types : [];
  if (type === 'number') return { name, data: [...cells], type: name.endsWith('.index') ? 'INT32' : 'DOUBLE' };
  if (type === 'boolean') return { name, data: [...cells], type: 'BOOLEAN' };
  return { name, data: cells.map((cell) => (cell === null ? null : String(cell))), type: 'STRING' };
}

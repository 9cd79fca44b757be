import { type HostTensor1D, hostTensor, padAndStack } from '@polymodal/core';
import type { TextFeatures, TextRow } from './text-features';

/** Texts that share a row, one behind the other. */
export function packedTexts(rows: readonly TextRow[]): TextRow {
  const inputIds = concatenated(rows.map((row) => row.inputIds));
  if (!rows.some(({ answers }) => answers)) return { inputIds };
  const none = ({ shape }: HostTensor1D) => hostTensor(new Uint8Array(shape[0]), shape, 'float32');
  return { inputIds, answers: concatenated(rows.map((row) => row.answers ?? none(row.inputIds))) };
}

/** One behind the other. */
function concatenated(rows: readonly HostTensor1D[]): HostTensor1D {
  const [first] = rows;
  const data = (first.data.constructor as Uint16ArrayConstructor).from(rows.flatMap((row) => Array.from(row.data)));
  return { ...first, data, shape: [data.length] };
}

/** Those of P rows, where one of them is a conversation. */
export function collateAnswers(rows: readonly TextRow[], length: number): Pick<TextFeatures, 'answers'> {
  const none = hostTensor(new Uint8Array(0), [0], 'float32');
  const answers = rows.map((row) => row.answers ?? none);
  return rows.some((row) => row.answers) ? { answers: padAndStack(answers, [length]) } : {};
}

/** Those of P rows, where one of them is a pair. */
export function collateTypes(rows: readonly TextRow[], length: number): Pick<TextFeatures, 'tokenTypeIds'> {
  const none = hostTensor(new Int32Array(0), [0]);
  const tokenTypeIds = rows.map((row) => row.tokenTypeIds ?? none);
  return rows.some((row) => row.tokenTypeIds) ? { tokenTypeIds: padAndStack(tokenTypeIds, [length]) } : {};
}

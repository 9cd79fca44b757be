import { ElementType } from '../../onnx/element-type';
import type { Trace, Value } from '../../trace';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, filled, reshape, rowsOf, withScalar } from '../operators';
import { sumOfRows } from '../reductions';

interface LayerNormAttributes {
  readonly epsilon: number;
}

/**
 * `FusedLayerNorm`: x (…, D), weight (D), bias (D) → y (…, D) and 1 / σ (…, 1).
 * `FusedLayerNormGrad`: dy, x, weight, inverse = 1 / σ → dx, dweight and dbias, where with g = dy ∘ weight
 *
 *     dx = (g − mean(g) − x̂ mean(g ∘ x̂)) / σ    dweight = Σ dy ∘ x̂    dbias = Σ dy
 */
export const layerNormKernels: readonly NativeKernel[] = [
  nativeKernel<LayerNormAttributes, 'x' | 'weight' | 'bias'>(
    'FusedLayerNorm',
    floats,
    (trace, { x, weight, bias }, { epsilon }) => layerNormalization(trace, x, weight, bias, epsilon),
  ),
  nativeKernel<LayerNormAttributes, 'dy' | 'x' | 'weight' | 'inverse'>(
    'FusedLayerNormGrad',
    floats,
    (trace, { dy, x, weight, inverse }, { epsilon }) => {
      const width = x.shape.at(-1)!;
      const dRows = rowsOf(trace, dy);
      const [rows] = dRows.shape as [number, number];
      // Normalising once more costs less than keeping the result of the forward pass.
      const ones = filled(trace, 1, [width], ElementType.float32);
      const zeros = filled(trace, 0, [width], ElementType.float32);
      const [normalised] = layerNormalization(trace, rowsOf(trace, x), ones, zeros, epsilon);
      const product = binary(trace, 'Mul', dRows, normalised);
      // A product with this column weighs and takes the mean in one pass.
      const average = withScalar(trace, 'Mul', reshape(trace, weight, [width, 1]), 1 / width);
      const meanGradient = trace.add('MatMul', [dRows, average], [rows, 1]);
      const meanProduct = trace.add('MatMul', [product, average], [rows, 1]);
      const spread = binary(
        trace,
        'Sub',
        binary(trace, 'Mul', dRows, weight),
        binary(trace, 'Mul', normalised, meanProduct),
      );
      const centred = binary(trace, 'Sub', spread, meanGradient);
      const dx = binary(trace, 'Mul', centred, reshape(trace, inverse, [rows, 1]));
      return [reshape(trace, dx, x.shape), sumOfRows(trace, product), sumOfRows(trace, dRows)];
    },
  ),
];

/** The normalised values, and 1 / σ of each row. */
function layerNormalization(
  trace: Trace,
  x: Value,
  weight: Value,
  bias: Value,
  epsilon: number,
): [normalised: Value, inverse: Value] {
  const single = { shape: [...x.shape.slice(0, -1), 1], type: x.type };
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const [y, , inverse] = trace.addMany('LayerNormalization', [x, weight, bias], [x, single, single], attributes);
  return [y!, inverse!];
}

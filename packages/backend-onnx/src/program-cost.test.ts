import { describe, expect, it } from 'vitest';
import { arithmeticOperations, intermediateBytes } from './program-cost';
import { Trace } from './trace';

describe('the cost of a graph', () => {
  it('counts multiplications of a matrix product and elements of everything else', () => {
    const trace = new Trace();
    const a = trace.input(new Float32Array(200), 1, [10, 20]);
    const b = trace.input(new Float32Array(600), 1, [20, 30]);
    const product = trace.add('MatMul', [a, b], [10, 30]);
    trace.add('Relu', [product], [10, 30]);
    expect(arithmeticOperations(trace.nodes)).toBe(10 * 20 * 30 + 300 + 300);
  });

  it('is in memory what is alive at once: a chain needs two values, a value used late stays', () => {
    const chain = new Trace();
    let x = chain.input(new Float32Array(100), 1, [100]);
    for (let i = 0; i < 5; i++) x = chain.add('Relu', [x], [100]);
    expect(intermediateBytes(chain.nodes, new Set([x]))).toBe(800);

    const late = new Trace();
    const input = late.input(new Float32Array(100), 1, [100]);
    const first = late.add('Relu', [input], [100]);
    let y = first;
    for (let i = 0; i < 4; i++) y = late.add('Relu', [y], [100]);
    const sum = late.add('Add', [y, first], [100]);
    expect(intermediateBytes(late.nodes, new Set([sum]))).toBe(1200);
  });
});

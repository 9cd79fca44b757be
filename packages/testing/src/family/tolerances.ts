/**
 * Numbers of a few layers of random weights are of order 1 to 10. PyTorch's float32 and ours differ by the order of sums: some
 * 10⁻⁶ of that for each layer, and ten times as much in gradients, which run through all of them twice.
 */
export const tolerances = { hidden: 1e-4, gradients: 1e-3 };

/**
 * What is added to an attention logit to exclude a key: finite, so that a query with nothing to attend to gives numbers
 * rather than NaN, and so large that the softmax gives an excluded key exactly 0 beside any other.
 */
export const EXCLUDED_LOGIT = -1e9;

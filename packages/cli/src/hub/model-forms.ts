/** The layouts that models have on disk. */
export const layouts = ['polymodal', 'hugging-face'] as const;

/** How floats of a model in Hugging Face layout are stored, as Python calls it and as its files do. */
export const dtypes = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;

/** Names of {@link dtypes}. */
export const dtypeNames = Object.keys(dtypes) as (keyof typeof dtypes)[];

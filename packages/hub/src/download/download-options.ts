/** How files are fetched. What is left out comes from the environment, as for Python's huggingface_hub. */
export interface DownloadOptions {
  /** A branch, tag or commit; `main` unless told otherwise. */
  readonly revision?: string;
  /**
   * What is fetched: names, patterns in which `*` stands for any text, or a function that picks from what there is. Left
   * out, everything. A name that is not there is a NotFoundError, a pattern that fits nothing is none.
   */
  readonly files?: readonly string[] | ((available: readonly string[]) => readonly string[]);
  /** The hub. Else HF_ENDPOINT, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Who asks; `false` for nobody. Else HF_TOKEN, else the token that Python's login left. It is sent to the endpoint alone. */
  readonly token?: string | false;
  /** Where files are kept, in the layout of Python's huggingface_hub. Else HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub. */
  readonly cacheDirectory?: string;
  /** Takes what is in the cache and asks nobody. Else HF_HUB_OFFLINE. */
  readonly offline?: boolean;
  /** Ends the download; what has arrived stays, and the next download goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which a connection counts as dead; 10,000 unless told otherwise. */
  readonly timeout?: number;
  /** How often a request is repeated that fails without any progress; 5 unless told otherwise. */
  readonly retries?: number;
  /** Milliseconds before the first repetition, doubled for each further one up to 8 s; 500 unless told otherwise. */
  readonly retryDelay?: number;
  /** What makes requests, for a proxy say. Node's own unless told otherwise. */
  readonly fetch?: typeof fetch;
}

/** How far a file is. */
export interface DownloadProgress {
  readonly file: string;
  /** Bytes that are there, those of an earlier download too. */
  readonly received: number;
  /** Bytes of the whole file, where the server says so. */
  readonly size: number | undefined;
}

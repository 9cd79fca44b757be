import { PolymodalError } from '@polymodal/core';
import { ConnectionError, ProtocolError } from '../errors/download-error';
import type { HubSettings } from './hub-settings';
import { withoutSecrets } from './without-secrets';

/** Less than this in the time of a timeout is as good as nothing: a server that sends a byte a second never ends. */
export const fewestBytes = 1024;

/** An answer of the hub whose body is watched: one that stops for `timeout` ms, or all but stops, is an error too. */
export class HubResponse {
  readonly status: number;
  readonly headers: Headers;

  readonly #response: Response;
  readonly #watch: SilenceWatch;

  constructor(
    readonly url: string,
    response: Response,
    watch: SilenceWatch,
  ) {
    this.#response = response;
    this.#watch = watch;
    this.status = response.status;
    this.headers = response.headers;
  }

  /** The body as it arrives. @throws ConnectionError if it breaks off or stops */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.#response.body?.getReader();
    this.#watch.restart();
    try {
      for (;;) {
        this.#watch.resume();
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return;
        this.#watch.pause(); // while the caller works on it, silence is not the server's
        this.#watch.hear(value.length);
        yield value;
      }
    } catch (error) {
      throw this.#watch.explain(error, this.url);
    } finally {
      this.#watch.stop();
      await reader?.cancel().catch(() => undefined);
    }
  }

  /** @throws ProtocolError for a text of more bytes than that */
  async text(maxBytes: number): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let length = 0;
    for await (const chunk of this.chunks()) {
      length += chunk.length;
      if (length > maxBytes) {
        const expected = `an answer of at most ${maxBytes} bytes`;
        throw new ProtocolError({ where: this.url, expected, received: 'a longer one' });
      }
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  /** Lets go of the connection without reading the body. */
  async discard(): Promise<void> {
    this.#watch.stop();
    await this.#response.body?.cancel().catch(() => undefined);
  }
}

/** Aborts a request when nothing is heard for too long. */
export class SilenceWatch {
  readonly signal: AbortSignal;
  readonly #silence = new AbortController();
  readonly #timeout: number;
  readonly #user: AbortSignal | undefined;
  readonly #token: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #remaining: number;
  #resumedAt = 0;
  /** Bytes since the whole time was given. */
  #heard = 0;

  constructor({ timeout, signal, token }: Pick<HubSettings, 'timeout' | 'signal' | 'token'>) {
    this.#timeout = timeout;
    this.#remaining = timeout;
    this.#user = signal;
    this.#token = token;
    this.signal = signal ? AbortSignal.any([signal, this.#silence.signal]) : this.#silence.signal;
  }

  /** Gives the whole time again. */
  restart(): void {
    this.#remaining = this.#timeout;
    this.#heard = 0;
    this.resume();
  }

  /** There was some answer; enough of it gives the whole time again. */
  hear(bytes: number): void {
    this.#heard += bytes;
    if (this.#heard < fewestBytes) return;
    this.#remaining = this.#timeout;
    this.#heard = 0;
  }

  /** Goes on with what is left of the time. */
  resume(): void {
    this.stop();
    this.#resumedAt = performance.now();
    this.#timer = setTimeout(() => this.#silence.abort(), this.#remaining);
  }

  pause(): void {
    this.stop();
    this.#remaining = Math.max(1, this.#remaining - (performance.now() - this.#resumedAt));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What a failed request means: the user's own abort, silence, or a broken connection. */
  explain(error: unknown, url: string): unknown {
    if (this.#user?.aborted) return this.#user.reason;
    if (PolymodalError.isInstance(error)) return error;
    const reason = withoutSecrets(reasonOf(error), this.#token);
    const silence =
      this.#heard === 0 ? `no byte for ${this.#timeout} ms` : `${this.#heard} bytes in ${this.#timeout} ms`;
    const received = this.#silence.signal.aborted ? silence : `a failure (${reason})`;
    return new ConnectionError({
      where: url,
      expected: 'an answer of the server',
      received,
      hint: 'Try again; what has arrived is kept. With HF_HUB_OFFLINE=1 the cache alone is used.',
      ...(error instanceof Error && !showsSecret(error, this.#token) && { cause: error }),
    });
  }
}

/** What made a request fail, in words; a fetch of the caller's may throw anything. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, message } = error;
  return cause instanceof Error ? String(cause.message || (cause as NodeJS.ErrnoException).code) : message;
}

function showsSecret(error: Error, token: string | undefined): boolean {
  return token !== undefined && `${error.stack}${reasonOf(error)}`.includes(token);
}

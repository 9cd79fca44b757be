import { AccessError, ConnectionError, NotFoundError, ProtocolError } from '../errors/download-error';
import { HubResponse, SilenceWatch } from './hub-response';
import type { HubSettings } from './hub-settings';
import { Patience } from './patience';
import { retryAfterIn } from './retry-after';
import { withoutSecrets } from './without-secrets';

export interface HubRequest {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that the caller deals with, beside those of success. */
  readonly accept?: readonly number[];
  /** Whether a redirect is the answer itself, rather than where to find it. */
  readonly isAnswer?: (redirect: Headers) => boolean;
}

const mostRedirects = 10;

/** One request, with its redirects. @throws DownloadError for what is no success; errors of the connection may pass */
export async function hubRequest(settings: HubSettings, address: string, request: HubRequest): Promise<HubResponse> {
  let url = new URL(address);
  let isTrusted = true;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    isTrusted &&= url.origin === new URL(settings.endpoint).origin;
    const response = await send(settings, url, request, isTrusted);
    const target = redirectTarget(response, url);
    if (target === undefined) return checked(response, request, settings);
    if (request.isAnswer?.(response.headers)) return response;
    await response.discard();
    url = target;
  }
  throw new ProtocolError({ where: address, expected: `at most ${mostRedirects} redirects`, received: 'more' });
}

/** The same, repeated as long as there is hope. */
export async function patientRequest(settings: HubSettings, url: string, request: HubRequest): Promise<HubResponse> {
  const patience = new Patience(settings);
  for (;;) {
    try {
      return await hubRequest(settings, url, request);
    } catch (error) {
      await patience.afterFailure(error, retryAfterOf(error));
    }
  }
}

const waits = new WeakMap<object, number>();

/** Milliseconds that the server asked to wait when it gave this error. */
export function retryAfterOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null ? waits.get(error) : undefined;
}

/**
 * The token goes to the endpoint alone: a redirect may lead anywhere.
 *
 * @param isTrusted whether the way so far led through the endpoint and nowhere else
 */
async function send(
  settings: HubSettings,
  url: URL,
  { method = 'GET', headers }: HubRequest,
  isTrusted: boolean,
): Promise<HubResponse> {
  const watch = new SilenceWatch(settings);
  watch.restart();
  try {
    const response = await settings.fetch(url, {
      method,
      headers: {
        'User-Agent': 'polymodal',
        ...headers,
        ...(isTrusted && settings.token !== undefined && { Authorization: `Bearer ${settings.token}` }),
      },
      redirect: 'manual',
      signal: watch.signal,
    });
    if (!(response instanceof Object && response.headers))
      throw new TypeError('the fetch that was given answers nothing');
    return new HubResponse(shown(url), response, watch);
  } catch (error) {
    throw watch.explain(error, shown(url));
  } finally {
    watch.stop();
  }
}

/** An address as errors show it: what follows the path may be a signature that lets anybody in. */
function shown({ origin, pathname }: URL): string {
  return origin + pathname;
}

function redirectTarget({ status, headers }: HubResponse, from: URL): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined;
  if (URL.canParse(location, from.href)) {
    const target = new URL(location, from.href);
    const isDowngrade = from.protocol === 'https:' && target.protocol !== 'https:';
    const isPlain = target.username === '' && target.password === '';
    if (/^https?:$/.test(target.protocol) && !isDowngrade && isPlain) return target;
  }
  throw new ProtocolError({
    where: shown(from),
    expected: 'a redirect to a safe address',
    received: withoutSecrets(location.replace(/[?#].*$/s, '')),
  });
}

async function checked(
  response: HubResponse,
  { accept = [] }: HubRequest,
  settings: HubSettings,
): Promise<HubResponse> {
  if ((response.status >= 200 && response.status < 300) || accept.includes(response.status)) return response;
  await response.discard();
  throw statusError(response, settings);
}

function statusError({ status, headers, url }: HubResponse, { token, longestWait }: HubSettings): Error {
  const code = withoutSecrets(headers.get('x-error-code') ?? '', token);
  const message = withoutSecrets(headers.get('x-error-message') ?? '', token);
  const received = `status ${status}${message ? ` (${message})` : code && ` (${code})`}`;
  if (status === 404 || /^(Repo|Revision|Entry)NotFound$/.test(code)) {
    const hint = 'Check the names of repository, revision and file. A private repository is shown only to its token.';
    return new NotFoundError({ where: url, expected: 'a repository, revision and file that exist', received, hint });
  }
  if (status === 401 || status === 403) {
    const isGated = code === 'GatedRepo';
    const hint = isGated
      ? 'Accept the terms on the page of the repository, and give the token of that account.'
      : 'Give a token (option token, HF_TOKEN) that may read the repository.';
    return new AccessError({ where: url, expected: 'leave to read', received, hint });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const wait = retryAfterIn(headers);
    const seconds = Math.ceil((wait ?? 0) / 1000);
    const hint = !seconds
      ? 'Try again later.'
      : (wait ?? 0) > longestWait
        ? `The server asks to wait ${seconds} s, which is more than the option longestWait allows (${longestWait} ms).`
        : `The server asks to wait ${seconds} s. With a token it may allow more requests.`;
    const error = new ConnectionError({ where: url, expected: 'the file', received, hint });
    if (wait !== undefined) waits.set(error, wait);
    return error;
  }
  return new ProtocolError({ where: url, expected: 'a status of success', received });
}

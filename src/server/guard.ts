import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Who may ask: see each function. */
export interface GuardOptions {
  /** Null on loopback: whoever is on this machine may ask. */
  readonly token: string | null;
  /** Names under which a loopback server may be asked for; null: any. */
  readonly hosts: readonly string[] | null;
}

const COOKIE = 'planewright-token';

/** No script but our own files, no code made at run time (WebAssembly allowed), nothing from elsewhere. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The same on every answer. */
export const headers: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
};

/**
 * Refuses what a page of another site makes a browser send: a request under a name that is not ours (DNS rebinding),
 * or one that says it comes from another origin.
 */
export function sameSite({ hosts }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const name = host.replace(/:\d+$/, '');
    if (hosts !== null && !hosts.includes(name)) return refuse(c, `this server does not answer as '${name}'`);
    const origin = c.req.header('origin');
    if (origin !== undefined && !isOrigin(origin, host)) return refuse(c, 'requests of other sites');
    return next();
  };
}

function isOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Asks for the token: `Authorization: Bearer`, or the cookie that the page gets when it is opened with ?token=. The
 * address that the browser then shows holds no token any more.
 */
export function tokenNeeded({ token }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    if (token === null) return next();
    const given = c.req.query('token');
    if (given !== undefined && c.req.method === 'GET' && same(given, token)) {
      setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return c.redirect('/');
    }
    const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    if (same(bearer ?? getCookie(c, COOKIE) ?? '', token)) return next();
    c.header('www-authenticate', 'Bearer');
    return c.json(problem('token-needed', 'this server needs its token: open the address it printed'), 401);
  };
}

/** Takes the same time wherever the texts differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function refuse(c: Context, what: string): Response {
  return c.json(problem('refused', `refused: ${what}`), 403);
}

/** A body of the one shape that every refusal has. */
export function problem(code: string, message: string, hint?: string) {
  return {
    issues: [
      {
        code,
        severity: 'error' as const,
        path: [] as (string | number)[],
        message,
        ...(hint === undefined ? {} : { hint }),
      },
    ],
  };
}

import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve } from '@hono/node-server';
import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { createApp } from './app.ts';
import { Pool } from './pool.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** For a host that others can reach; made when left out. */
  readonly token?: string;
  readonly workers: number;
  readonly queue: number;
  readonly seconds: number;
  readonly version: string;
}

export interface Running {
  /** What to open; with the token where one is needed. */
  readonly address: string;
  close(): Promise<void>;
}

/** An imported fabric of 100,000 endpoints is about 30 MB. */
const LARGEST_BODY = 64 * 1024 * 1024;
/** Milliseconds that an idle connection stays open: a client that thinks between requests finds it so. */
const KEEP_ALIVE = 75_000;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const PAGE = fileURLToPath(new URL('../web', import.meta.url));

/** Listens until closed. On loopback nobody else can ask; anywhere else a token is needed. */
export async function startServer(options: ServeOptions): Promise<Result<Running>> {
  const { host, port, workers, queue, seconds, version } = options;
  const loopback = isLoopback(host);
  const token = loopback ? (options.token ?? null) : (options.token ?? randomBytes(24).toString('base64url'));
  const pool = new Pool({ workers, waiting: queue, seconds });
  const app = createApp({
    pool,
    version,
    page: PAGE,
    largestBody: LARGEST_BODY,
    token,
    hosts: loopback ? [...LOOPBACK, host] : null,
  });
  const server = serve({
    fetch: app.fetch,
    hostname: host.replace(/^\[|\]$/g, ''),
    port,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE },
  }) as Server;
  const failure = await new Promise<NodeJS.ErrnoException | null>((done) => {
    server.once('listening', () => done(null));
    server.once('error', done);
  });
  if (failure !== null) return fail([cannotListen(host, port, failure)]);
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const origin = `http://${name}:${(server.address() as AddressInfo).port}/`;
  return ok({
    address: token === null ? origin : `${origin}?token=${token}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      await pool.close();
      if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections();
      await closed;
    },
  });
}

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException) {
  const why: Record<string, string> = {
    EADDRINUSE: 'something else listens there',
    EACCES: 'no permission for this port',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  };
  return issue({
    code: 'cannot-listen',
    message: `cannot listen on ${host} port ${port}: ${why[error.code ?? ''] ?? error.message}`,
    hint: 'give another --port (0: any that is free) or --host',
  });
}

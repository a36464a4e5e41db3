import { type ChildProcess, spawn } from 'node:child_process';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { ROOT } from './cli.ts';

export interface TestServer {
  /** With the slash at its end, and the token if there is one. */
  readonly address: string;
  readonly process: ChildProcess;
  stop(): Promise<number | null>;
}

/** Starts the built `planewright serve` on a free port of this machine. */
export async function serve(...options: string[]): Promise<TestServer> {
  const args = [join(ROOT, 'dist/cli/main.js'), 'serve', '--port', '0', '--workers', '2', ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  const address = await new Promise<string>((done, failed) => {
    child.stdout.once('data', (line) => done(String(line).trim()));
    void exited.then((code) => failed(new Error(`serve ended with ${code}: ${errors}`)));
  });
  return {
    address,
    process: child,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** A request exactly as given: fetch would tidy the path and set headers of its own. */
export function raw(
  address: string,
  { path = '/', method = 'GET', headers = {}, body = '' }: RawRequest,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.on('error', failed);
    request.end(body);
  });
}

interface RawRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `metrics-port`: `/metrics` for Prometheus, and `/healthz` for whoever watches the process. */
import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { Store } from '../store/store';
import { bindHost, listenError, listening } from './listening';
import { Metrics } from './metrics';
import type { Server } from './server';

/** More than a scraper sends; a connection that sends nothing is dropped. */
const REQUEST_TIMEOUT_MS = 10_000;

export class MetricsEndpoint {
  private readonly metrics: Metrics;
  private readonly http: HttpServer;
  private readonly store: Store;

  constructor(server: Server) {
    this.metrics = new Metrics(server);
    this.store = server.engine.store;
    this.http = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        server.log.warning(`Internal error in metrics: ${String(error)}`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
  }

  /** @throws Error that says why the address cannot be had */
  async listen(bind: string, port: number): Promise<void> {
    try {
      await listening(this.http, { host: bindHost(bind), port });
    } catch (error) {
      throw listenError(`${bind}:${port}`, error);
    }
  }

  close(): void {
    this.metrics.stop();
    this.http.close();
    this.http.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, type: string, text: string): void => {
      response.writeHead(status, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const plain = 'text/plain; charset=utf-8';
    const [path] = (request.url ?? '').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      reply(405, plain, 'only GET and HEAD\n');
    } else if (path === '/metrics') {
      reply(200, this.metrics.contentType, await this.metrics.text());
    } else if (path === '/healthz') {
      const trouble = await this.store.health?.();
      reply(trouble === undefined ? 200 : 503, plain, `${trouble ?? 'ok'}\n`);
    } else {
      reply(404, plain, 'there are /metrics and /healthz\n');
    }
  }
}

import type { NetworkAddress } from '../../../gateway/sip-server/transport/transport.js';
import { AppConnectionClient } from '../app-connection-client.js';

export interface ScriptedAnswer {
  status: number;
  headers?: readonly string[];
}

/** The least application: it says once what it answers, and keeps what it was asked. Probes get 200. */
export class ScriptedApplication {
  /** The SIP texts of the requests, probes apart. */
  readonly requests: string[] = [];
  answer: ScriptedAnswer = { status: 200 };
  readonly #client: AppConnectionClient;
  #id = 100;

  private constructor(client: AppConnectionClient) {
    this.#client = client;
  }

  static async connect(
    where: NetworkAddress,
    how: { secret: string; methods: readonly string[] },
  ): Promise<ScriptedApplication> {
    const client = await AppConnectionClient.open(where);
    const application = new ScriptedApplication(client);
    client.send(`1|authenticate|${how.secret}|`);
    await client.next('|response|1|OK');
    for (const [index, method] of how.methods.entries()) {
      client.send(`${index + 2}|route|${method}`);
      await client.next(`|response|${index + 2}|OK`);
    }
    void application.#serve();
    return application;
  }

  disconnect(): void {
    this.#client.destroy();
  }

  async #serve(): Promise<void> {
    for (;;) this.#handle(await this.#client.next('|sip|network|'));
  }

  #handle(payload: string): void {
    const end = payload.indexOf('\r\n');
    const transactionId = payload.slice(0, end).split('|')[8] ?? '';
    const text = payload.slice(end + 2);
    const isProbe = text.startsWith('OPTIONS sip:probe@');
    if (!isProbe) this.requests.push(text);
    if (text.startsWith('ACK ')) return;
    const { status, headers = [] } = isProbe ? { status: 200 } : this.answer;
    const rows = headers.map((row) => `${row}\r\n`).join('');
    this.#id += 1;
    this.#client.send(
      `${this.#id}|sip|${transactionId}|\r\nSIP/2.0 ${status} Scripted\r\n${rows}\r\n`,
    );
    // The echoes of what was sent are of no interest.
    const { payloads } = this.#client;
    payloads.splice(0, payloads.length, ...payloads.filter((one) => one.includes('|sip|network|')));
  }
}

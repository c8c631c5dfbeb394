import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** A fake microphone, granted without asking; no traffic of the browser's own. */
const PREFERENCES: Readonly<Record<string, boolean | number>> = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/** The expression that finds an element of the page through the shadow roots of its components. */
export const shadowElement = (testId: string) => `(function find(root) {
  for (const candidate of root.querySelectorAll('*')) {
    if (candidate.dataset?.testid === '${testId}') return candidate;
    const inside = candidate.shadowRoot && find(candidate.shadowRoot);
    if (inside) return inside;
  }
})(document)`;

interface BidiAnswer {
  id?: number;
  type: 'success' | 'error' | 'event';
  message?: string;
  result?: unknown;
}

/** `COPPERLINE_FIREFOX`, or where Debian installs it; undefined when there is none. */
export function findFirefox(): string | undefined {
  const named = process.env['COPPERLINE_FIREFOX'];
  return named ?? PLACES.find((place) => existsSync(place));
}

/** Headless Firefox with a fresh profile, driven by WebDriver BiDi. The caller closes it. */
export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: BidiAnswer) => void>();
  #lastId = 0;
  #context = '';

  private constructor(parts: { process: ChildProcess; profile: string; socket: WebSocket }) {
    this.#process = parts.process;
    this.#profile = parts.profile;
    this.#socket = parts.socket;
    this.#socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString('utf8')) as BidiAnswer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
    this.#socket.on('close', () => {
      for (const [id, take] of this.#waiting)
        take({ id, type: 'error', message: 'Firefox is gone' });
    });
  }

  static async launch(executable: string): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'copperline-firefox-'));
    const preferences = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(profile, 'user.js'), preferences.join(''));
    const args = [
      '--headless',
      '--no-remote',
      '--profile',
      profile,
      '--remote-debugging-port',
      '0',
    ];
    const child = spawn(executable, [...args, 'about:blank'], {
      env: { ...process.env, HOME: profile },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(`${await bidiAddress(child)}/session`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const firefox = new Firefox({ process: child, profile, socket });
    await firefox.#command('session.new', { capabilities: {} });
    const tree = (await firefox.#command('browsingContext.getTree', {})) as {
      contexts: { context: string }[];
    };
    firefox.#context = tree.contexts[0]?.context ?? '';
    return firefox;
  }

  async open(url: string): Promise<void> {
    await this.#command('browsingContext.navigate', {
      context: this.#context,
      url,
      wait: 'complete',
    });
  }

  /** The value of a JavaScript expression in the page, when it is a text, a number or a truth value. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = (await this.#command('script.evaluate', {
      expression,
      target: { context: this.#context },
      awaitPromise: true,
      userActivation: true,
    })) as { type: string; result?: { value?: unknown }; exceptionDetails?: { text: string } };
    if (answer.type === 'exception') throw new Error(answer.exceptionDetails?.text ?? 'exception');
    return answer.result?.value;
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #command(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        if (answer.type === 'error') reject(new Error(`${method}: ${answer.message ?? 'failed'}`));
        else resolve(answer.result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

/** Firefox prints where it listens. */
function bidiAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stderr?.on('data', (data: Buffer) => {
      printed += data.toString('utf8');
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(printed)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', () => {
      reject(new Error(`Firefox did not start: ${printed.slice(-500)}`));
    });
  });
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort, freeUdpPort } from './gateway-port.js';
import { Inbox } from './media-rtp-peer.js';
import { tone } from './tone.js';
import { linearBytes, wavFile } from './wav.js';

const BINARY = '/usr/bin/baresip';
const MODULES = '/usr/lib/baresip/modules';
const SAMPLE_RATE = 8000;
/** baresip hangs up at the end of its file. */
const FILE_SECONDS = 60;

/** Why tests with baresip cannot run here; undefined when they can. In CI they must. */
export function whyNoBaresip(): string | undefined {
  if (existsSync(BINARY) || process.env['CI'] === 'true') return undefined;
  return `${BINARY} is not installed (Debian package baresip-core)`;
}

/** What baresip tells of a call. */
interface BaresipEvent {
  type: string;
  peeruri?: string;
  param?: string;
}

/** A real SIP phone on loopback: baresip, which plays a tone and records what it hears. */
export class Baresip {
  readonly #events = new Inbox<BaresipEvent>();
  /** Of its SIP, UDP. */
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #control: Socket;
  readonly #folder: string;

  private constructor(parts: {
    port: number;
    process: ChildProcess;
    control: Socket;
    folder: string;
  }) {
    this.port = parts.port;
    this.#process = parts.process;
    this.#control = parts.control;
    this.#folder = parts.folder;
    readNetstrings(this.#control, (text) => {
      const message = JSON.parse(text) as BaresipEvent & { event?: boolean };
      if (message.event === true) this.#events.push(message);
    });
  }

  /** Rings for calls to `user`, and hums `toneHz` in G.711; with `srtp` in nothing but SRTP with keys in the SDP. */
  static async start(user: string, toneHz: number, srtp = false): Promise<Baresip> {
    const folder = mkdtempSync(join(tmpdir(), 'baresip-'));
    const [port, controlPort] = [await freeUdpPort(), await freeTcpPort('127.0.0.1')];
    const samples = SAMPLE_RATE * FILE_SECONDS;
    const hum = tone({ hz: toneHz, sampleRate: SAMPLE_RATE, samples });
    writeFileSync(join(folder, 'tone.wav'), wavFile({ data: linearBytes(hum) }));
    writeFileSync(join(folder, 'config'), configFile({ folder, port, controlPort }));
    writeFileSync(
      join(folder, 'accounts'),
      `<sip:${user}@127.0.0.1>;regint=0${srtp ? ';mediaenc=srtp-mand' : ''}\n`,
    );
    writeFileSync(join(folder, 'contacts'), '\n');
    mkdirSync(join(folder, 'heard'));
    const child = spawn(BINARY, ['-4', '-f', folder], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await untilReady(child);
      const control = connect(controlPort, '127.0.0.1');
      await once(control, 'connect');
      return new Baresip({ port, process: child, control, folder });
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A command of its `menu` module, such as `dial` or `hangup`. */
  command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params, token: command });
    this.#control.write(`${Buffer.byteLength(text)}:${text},`);
  }

  /** The next event of that type; those before it are passed over. */
  async next(type: string): Promise<BaresipEvent> {
    const [event] = await this.#events.waitFor(1, (one) => one.type === type);
    this.#events.clear();
    return event ?? { type };
  }

  /** What it has heard in its last call so far; 8 kHz. */
  heard(): Int16Array {
    const folder = join(this.#folder, 'heard');
    const file = readdirSync(folder)
      .filter((name) => name.endsWith('-dec.wav'))
      .sort()
      .at(-1);
    if (file === undefined) return new Int16Array();
    const bytes = readFileSync(join(folder, file));
    const data = bytes.indexOf('data', 12, 'latin1') + 8;
    const samples = Math.max(0, Math.floor((bytes.length - data) / 2));
    return Int16Array.from({ length: samples }, (_, n) => bytes.readInt16LE(data + 2 * n));
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configFile(own: { folder: string; port: number; controlPort: number }): string {
  const { folder, port, controlPort } = own;
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${port}`,
    'net_interface 127.0.0.1',
    `audio_source aufile,${join(folder, 'tone.wav')}`,
    `module_path ${MODULES}`,
    'module g711.so',
    'module aufile.so',
    'module sndfile.so',
    'module srtp.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `snd_path ${join(folder, 'heard')}`,
    '',
  ].join('\n');
}

/** Rejects with what it wrote when it cannot start. */
function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4000);
        if (output.includes('baresip is ready')) resolve();
      });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`baresip ended with ${String(code)}: ${output}`));
    });
  });
}

/** `LENGTH:TEXT,` one after another. */
function readNetstrings(socket: Socket, take: (text: string) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const colon = pending.indexOf(':');
      const length = Number(pending.subarray(0, Math.max(0, colon)).toString());
      if (colon < 0 || pending.length < colon + length + 2) return;
      take(pending.subarray(colon + 1, colon + 1 + length).toString());
      pending = pending.subarray(colon + length + 2);
    }
  });
}

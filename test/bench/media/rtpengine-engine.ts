import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { FreePorts } from '../free-ports.js';
import { descendants } from '../process-usage.js';
import type { BenchCall, BenchEngine } from './bench-engine.js';
import { NgClient } from './ng-client.js';

const BINARY = '/usr/bin/rtpengine';

/** rtpengine without its kernel module: every packet passes the daemon, as it passes our workers. */
export class RtpengineEngine implements BenchEngine {
  readonly name = 'rtpengine';
  #daemon: ChildProcess | undefined;
  #client: NgClient | undefined;
  readonly #open = new Set<string>();

  static isInstalled(): boolean {
    return existsSync(BINARY);
  }

  async start(): Promise<void> {
    const port = await new FreePorts().take();
    const daemon = spawn(
      BINARY,
      [
        '--config-file=none',
        '--table=-1',
        '--interface=127.0.0.1',
        `--listen-ng=127.0.0.1:${port}`,
        '--port-min=30000',
        '--port-max=39999',
        '--foreground',
        '--log-stderr',
        '--log-level=3',
        '--no-redis-required',
        '--dtls-passive',
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    this.#daemon = daemon;
    await once(daemon, 'spawn');
    this.#client = new NgClient(port);
    await this.#client.request('ping');
  }

  pids(): number[] {
    const pid = this.#daemon?.pid;
    return pid === undefined ? [] : [pid, ...descendants(pid)];
  }

  async openCall(call: BenchCall): Promise<string> {
    const client = this.#client;
    if (client === undefined) throw new Error('rtpengine is not started');
    const tags = { 'call-id': call.id, 'from-tag': 'browser' };
    await client.request('offer', {
      ...tags,
      sdp: call.browserOffer,
      'transport-protocol': 'RTP/AVP',
      ICE: 'remove',
      DTLS: 'off',
      'rtcp-mux': ['demux'],
      replace: ['origin'],
      ...(call.codec === 'opus' ? { codec: { mask: ['all'], transcode: ['PCMU'] } } : {}),
    });
    const reply = await client.request('answer', {
      ...tags,
      'to-tag': 'carrier',
      sdp: call.carrierAnswer,
      'transport-protocol': 'UDP/TLS/RTP/SAVPF',
      ICE: 'force',
      DTLS: 'passive',
      'rtcp-mux': ['require'],
      replace: ['origin'],
    });
    this.#open.add(call.id);
    const { sdp } = reply;
    if (typeof sdp !== 'string') throw new Error('rtpengine answered without SDP');
    return sdp;
  }

  async closeCalls(): Promise<void> {
    for (const id of this.#open)
      await this.#client?.request('delete', {
        'call-id': id,
        'from-tag': 'browser',
        'delete-delay': 0,
      });
    this.#open.clear();
  }

  async stop(): Promise<void> {
    await this.#client?.close();
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.exitCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await exited;
  }
}

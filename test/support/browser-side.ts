import type { CopperlineError } from '../../gateway/kernel/errors.js';
import type { Rejection } from '../../gateway/media/media-engine.js';
import { BrowserEnd } from '../../gateway/media/relay/browser-end.js';
import { BrowserPort } from '../../gateway/media/relay/browser-port.js';
import { BrowserTransport } from '../../gateway/media/relay/browser-transport.js';
import { Rejections } from '../../gateway/media/relay/rejections.js';
import { BareBrowser } from './bare-browser.js';
import { ManualClock } from './manual-clock.js';
import { Inbox, readRtp, rtpPacket, type ReceivedRtp } from './media-rtp-peer.js';

export const AUDIO = { payloadType: 0, timestamp: 0, ssrc: 5, payload: Buffer.alloc(160, 7) };

/** Where the transports of a test are: a UDP port of the relay, and a clock that the test moves. */
export class SidePlace {
  /** Closed with the place. */
  readonly opened: { close(): void }[] = [];

  private constructor(
    readonly clock: ManualClock,
    readonly port: BrowserPort,
  ) {}

  static async open(): Promise<SidePlace> {
    const clock = new ManualClock();
    const options = { host: '127.0.0.1', port: 0, certificateMaxAgeMs: 1000 };
    return new SidePlace(clock, await BrowserPort.open(options, clock));
  }

  /** Transports, routes and timers that there are. */
  get held(): [owners: number, routes: number, timers: number] {
    return [this.port.owners, this.port.routes.size, this.clock.pending];
  }

  /** What is held still when all that the test opened is closed. */
  close(): SidePlace['held'] {
    for (const each of this.opened.splice(0)) each.close();
    const left = this.held;
    this.port.close();
    return left;
  }
}

/** A transport with its browser, and what it told its owner. */
export class BrowserSide {
  readonly connected = new Inbox<true>();
  readonly failures: CopperlineError[] = [];
  readonly rtp = new Inbox<ReceivedRtp>();
  readonly rtcp = new Inbox<Buffer>();
  readonly told: Rejection[] = [];
  readonly rejections = new Rejections('caller', (rejection) => this.told.push(rejection));
  readonly end: BrowserEnd;
  transport: BrowserTransport | undefined;

  constructor(
    readonly browser: BareBrowser,
    readonly place: SidePlace,
  ) {
    const { port, clock } = place;
    this.end = new BrowserEnd({ port, clock, certificate: port.certificates.another() });
    place.opened.push(browser, { close: () => this.transport?.close() });
  }

  /** The browser has our SDP; we do not have its own yet. */
  tell(role: 'client' | 'server' | 'none' = 'server'): void {
    this.end.announce();
    const { fingerprint } = this.end.certificate;
    this.browser.follow({ port: this.place.port.port, ...this.end.credentials, fingerprint }, role);
  }

  begin(setup: 'active' | 'passive' = 'active'): void {
    this.transport = new BrowserTransport({
      ...{ end: this.end, clock: this.place.clock, setup, remote: this.browser.remote },
      rejections: this.rejections,
      handlers: {
        receiver: {
          onRtp: (packet) => {
            this.rtp.push(readRtp(packet));
          },
          onRtcp: (packet) => {
            this.rtcp.push(packet);
          },
        },
        onConnected: () => {
          this.connected.push(true);
        },
        onFailed: (error) => {
          this.failures.push(error);
        },
      },
    });
    this.transport.begin();
  }

  send(sequence: number): void {
    const packet = rtpPacket({ ...AUDIO, ssrc: 9, sequence });
    this.transport?.sendRtp(packet, 0, packet.length);
  }

  /** The browser hears of it; its own packet is heard. */
  async talks(sequence: number): Promise<void> {
    const [sent, heard] = [this.browser.rtp.items.length, this.rtp.items.length];
    this.send(sequence);
    this.browser.send({ ...AUDIO, sequence });
    await this.browser.rtp.waitFor(sent + 1);
    await this.rtp.waitFor(heard + 1);
  }
}

export async function newSide(place: SidePlace, ufrag?: string): Promise<BrowserSide> {
  return new BrowserSide(await BareBrowser.open(ufrag), place);
}

export async function connectedSide(place: SidePlace, ufrag?: string): Promise<BrowserSide> {
  const side = await newSide(place, ufrag);
  side.tell();
  side.begin();
  await side.browser.check({ nominate: true });
  await side.connected.waitFor(1);
  await side.browser.connected;
  return side;
}

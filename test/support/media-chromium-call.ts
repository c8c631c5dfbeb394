import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium.js';

/** What RTCPeerConnection.getStats() says about the audio, after a while of talking. */
export interface ChromiumStatistics {
  connectionState: string;
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  /** Energy of what it played: silence would stay at 0. */
  totalAudioEnergy: number;
  codec: string;
}

/**
 * A real Chromium with a fake microphone that beeps, on an empty page that may use it. The page's code is text:
 * it runs in the browser, whose types this project's tests do not load.
 */
export class ChromiumCaller {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #page: Page;

  private constructor(parts: { browser: Browser; server: Server; page: Page }) {
    this.#browser = parts.browser;
    this.#server = parts.server;
    this.#page = parts.page;
  }

  static async start(): Promise<ChromiumCaller> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Call</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await launchChromium();
    const page = await browser.newPage();
    // localhost is a secure context: getUserMedia works without TLS.
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    return new ChromiumCaller({ browser, server, page });
  }

  /** A fresh connection with the microphone; its full offer once candidates are gathered. */
  offer(configuration: object = {}): Promise<string> {
    return this.#page.evaluate(`(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const pc = (window.pc = new RTCPeerConnection(${JSON.stringify(configuration)}));
      pc.addTrack(stream.getAudioTracks()[0], stream);
      pc.ontrack = (event) => {
        const player = (window.player = new Audio());
        player.srcObject = event.streams[0];
        void player.play();
      };
      await pc.setLocalDescription();
      while (pc.iceGatheringState !== 'complete') {
        await new Promise((done) => pc.addEventListener('icegatheringstatechange', done, { once: true }));
      }
      return pc.localDescription.sdp;
    })()`);
  }

  /** Takes the answer and resolves when connected; with how long that took, ms. */
  connect(answer: string): Promise<number> {
    return this.#page.evaluate(`(async () => {
      const begun = performance.now();
      await pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} });
      while (pc.connectionState !== 'connected') {
        if (pc.connectionState === 'failed') throw new Error('the connection failed');
        await new Promise((done) => pc.addEventListener('connectionstatechange', done, { once: true }));
      }
      return performance.now() - begun;
    })()`);
  }

  /** The offer of an ICE restart, with candidates. */
  restart(): Promise<string> {
    return this.#page.evaluate(`(async () => {
      pc.restartIce();
      await pc.setLocalDescription();
      while (pc.iceGatheringState !== 'complete') {
        await new Promise((done) => pc.addEventListener('icegatheringstatechange', done, { once: true }));
      }
      return pc.localDescription.sdp;
    })()`);
  }

  take(answer: string): Promise<void> {
    return this.#page.evaluate(
      `pc.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`,
    );
  }

  press(tones: string, durationMs: number, gapMs: number): Promise<void> {
    return this.#page.evaluate(
      `pc.getSenders()[0].dtmf.insertDTMF(${JSON.stringify(tones)}, ${durationMs}, ${gapMs})`,
    );
  }

  statistics(): Promise<ChromiumStatistics> {
    return this.#page.evaluate(`(async () => {
      const all = [...(await pc.getStats()).values()];
      const inbound = all.find((entry) => entry.type === 'inbound-rtp') ?? {};
      const outbound = all.find((entry) => entry.type === 'outbound-rtp') ?? {};
      return {
        connectionState: pc.connectionState,
        packetsReceived: inbound.packetsReceived ?? 0,
        packetsSent: outbound.packetsSent ?? 0,
        packetsLost: inbound.packetsLost ?? 0,
        totalAudioEnergy: inbound.totalAudioEnergy ?? 0,
        codec: all.find((entry) => entry.id === inbound.codecId)?.mimeType ?? '',
      };
    })()`);
  }

  hangUp(): Promise<void> {
    return this.#page.evaluate(`pc.close()`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

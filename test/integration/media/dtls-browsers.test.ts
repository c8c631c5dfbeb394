import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { BrowserPort } from '../../../gateway/media/relay/browser-port.js';
import type { BrowserName } from '../../support/driven-page.js';
import { LabBrowser, type CertificateKind } from '../../support/dtls/browser-lab.js';
import { outsideAddress } from '../../support/dtmf/pressed-call.js';
import { LabEnd, type LabEndOptions } from '../../support/dtls/lab-end.js';

const ROLES = ['client', 'server'] as const;
const BROWSERS = (['chromium', 'firefox'] satisfies BrowserName[]).filter((name) =>
  LabBrowser.isThere(name),
);

/** Chromium's hello comes in several datagrams (it offers DTLS 1.3 with a key of ML-KEM), Firefox's in one. */
const LOST = [
  ['in', 0],
  ['in', 1],
  ['in', 2],
  ['out', 0],
  ['out', 1],
] as const;

describe.each(BROWSERS)('DTLS with a real %s', (name) => {
  // Firefox sends nothing to the loopback.
  const host = name === 'firefox' ? outsideAddress() : '127.0.0.1';
  let browser: LabBrowser;
  let port: BrowserPort;
  let end: LabEnd | undefined;

  beforeAll(async () => {
    browser = await LabBrowser.start(name);
    port = await BrowserPort.open({ host, port: 0, certificateMaxAgeMs: 86_400_000 }, systemClock);
  });
  afterEach(async () => {
    end?.close();
    await browser.hangUp();
    expect(port.owners).toBe(0);
  });
  afterAll(async () => {
    port.close();
    await browser.close();
  });

  async function offered(
    options: Omit<LabEndOptions, 'port' | 'host'>,
    kind: CertificateKind = 'ECDSA',
  ): Promise<LabEnd> {
    end = new LabEnd(await browser.offer(kind), { ...options, port, host });
    return end;
  }

  it.each(ROLES.flatMap((role) => [[role, 'ECDSA'] as const, [role, 'RSA'] as const]))(
    'is heard when we are the %s and its certificate is %s',
    async (role, kind) => {
      const us = await offered({ role }, kind);
      await browser.take(us.answer());
      await us.heard;
      expect(await browser.ended()).toBe('connected');
    },
  );

  it.each(ROLES.flatMap((role) => LOST.map((lost) => [role, ...lost] as const)))(
    'is heard when we are the %s and datagram %s %i is lost',
    async (role, lostWay, lostNumber) => {
      const loses: LabEndOptions['loses'] = (way, number) =>
        way === lostWay && number === lostNumber;
      const us = await offered({ role, loses });
      await browser.take(us.answer());
      await us.heard;
      expect(await browser.ended()).toBe('connected');
    },
  );

  it.each(ROLES)(
    'is told when its certificate is not the one of its SDP, by us as %s',
    async (role) => {
      const us = await offered({ role, remoteFingerprint: `sha-256 ${'0A:'.repeat(31)}0A` });
      await browser.take(us.answer());
      expect((await us.failed).sentence).toMatch(/but its SDP named 0A:0A:0A:0A:…\.$/);
      expect(await browser.ended()).toBe('failed');
    },
  );
});

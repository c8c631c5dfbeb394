import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

export interface ChromiumOptions {
  /** `allow` (default): a fake microphone, granted without asking. `deny`: every request is refused. */
  microphone?: 'allow' | 'deny';
  /** A WAV file to speak into the fake microphone instead of its beeps; `%noloop` at the end plays it once. */
  microphoneFile?: string;
  /** Further command line switches. */
  args?: readonly string[];
}

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts headless Chromium with a fresh profile, no outside traffic and fake audio devices. The caller closes it. */
export function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // The tests run on one machine: real addresses, loopback included, as ICE candidates.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      '--allow-loopback-in-peer-connection',
      '--use-fake-device-for-media-stream',
      ...microphoneSwitches(options),
      ...(options.args ?? []),
    ],
  });
}

/** `COPPERLINE_CHROMIUM`, or where Debian and others install it. */
function findChromium(): string {
  const named = process.env['COPPERLINE_CHROMIUM'];
  const found = named ?? PLACES.find((place) => existsSync(place));
  if (found === undefined || !existsSync(found)) {
    throw new Error(
      `No Chromium at ${named ?? PLACES.join(', ')}: install it (apt-get install chromium) or set COPPERLINE_CHROMIUM.`,
    );
  }
  return found;
}

function microphoneSwitches(options: ChromiumOptions): string[] {
  if (options.microphone === 'deny') return ['--deny-permission-prompts'];
  const file = options.microphoneFile;
  return [
    '--use-fake-ui-for-media-stream',
    ...(file === undefined ? [] : [`--use-file-for-fake-audio-capture=${file}`]),
  ];
}

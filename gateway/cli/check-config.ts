import { buildDialplan, testDialplan } from '../build-dialplan.js';
import { checkSounds } from '../check-sounds.js';
import { loadConfig, type LoadedConfig } from '../config/load.js';
import { listenPlaces } from '../config/listen-places.js';
import type { CopperlineConfig } from '../config/schema.js';
import { EXIT, type ExitCode, type Output } from './output.js';

/**
 * `check-config FILE`: says what the file sets up.
 * @throws ConfigError with all problems of the file; CopperlineError CL_MEDIA_SOUND_FILE
 */
export async function checkConfigFile(file: string, output: Output): Promise<ExitCode> {
  const loaded = await loadConfig({ file });
  await checkSounds(loaded.config);
  const tests = testDialplan(await buildDialplan(loaded), loaded);
  const lines = [...summary(loaded), ...(tests === 0 ? [] : [`plan tests  ${tests} passed`])];
  output.write(`${file} is fine.\n${lines.map(indent).join('')}`);
  return EXIT.ok;
}

const indent = (line: string): string => `  ${line}\n`;

function summary({ config, cdrFile, planFiles }: LoadedConfig): string[] {
  const { web, users, trunks, dialplan, limits } = config;
  const names = (list: readonly { name: string }[]): string =>
    list.length === 0 ? 'none' : list.map(({ name }) => name).join(', ');
  return [
    `page        http://${bracketed(web.host)}:${web.port}/, WebSocket for ${originsOf(web)}`,
    `SIP         ${sipServerOf(config)}, domain ${config.sip.domain}`,
    `media       ${mediaOf(config)}`,
    `users       ${names(users)}`,
    `trunks      ${names(trunks)}`,
    ...(dialplan.rules.length === 0 ? [] : [`rules       ${names(dialplan.rules)}`]),
    `routes      ${names(dialplan.routes)}`,
    `refusals    ${names(dialplan.refuse)}`,
    ...(planFiles.rates.length === 0
      ? []
      : [`rate decks  ${planFiles.rates.map(({ trunk }) => trunk).join(', ')}`]),
    `limits      ${limits.maxCalls} calls, ${limits.maxCallsPerUser} per user`,
    `CDRs        ${cdrFile}`,
  ];
}

function originsOf({ origins }: CopperlineConfig['web']): string {
  return origins === 'same-origin' ? 'its own page' : origins.join(', ');
}

function sipServerOf({ sip }: CopperlineConfig): string {
  const { server } = sip;
  if (server.kind === 'drachtio')
    return `drachtio-server at ${bracketed(server.host)}:${server.port}`;
  const ports = listenPlaces(server).map(
    ({ transport, host, port }) => `${transport.toUpperCase()} ${bracketed(host)}:${port}`,
  );
  return `embedded server on ${ports.join(', ')}`;
}

function mediaOf({ media }: CopperlineConfig): string {
  if (media.engine === 'rtpengine') return rtpengineOf(media.rtpengine);
  const { carrier, workers } = media.relay;
  const { ports } = carrier;
  const rtp = ports === undefined ? 'any free ports' : `UDP ${ports.min} to ${ports.max}`;
  const count = workers === 'auto' ? 'one per core' : String(workers);
  const browsers =
    media.engine === 'wrtc' ? portsOf(media.wrtc.browser) : `${media.relay.browser.port} and up`;
  return `browsers UDP ${browsers} (workers: ${count}), carriers ${rtp}`;
}

function portsOf({ ports }: CopperlineConfig['media']['wrtc']['browser']): string {
  return ports === undefined ? 'any free ports' : `${ports.min} to ${ports.max}`;
}

function rtpengineOf({ daemons, digits, reports }: CopperlineConfig['media']['rtpengine']): string {
  const pool = daemons.map(({ host, port }) => `${bracketed(host)}:${port}`).join(', ');
  return `rtpengine at ${pool}; they tell keys to UDP ${bracketed(digits.host)}:${digits.port}, RTCP to ${bracketed(reports.host)}:${reports.port}`;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

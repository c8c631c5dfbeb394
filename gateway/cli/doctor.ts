import { isIP } from 'node:net';
import { trunkOf } from '../app-settings.js';
import { listed } from '../config/listen-places.js';
import { loadConfig } from '../config/load.js';
import type { CopperlineConfig, TrunkConfig } from '../config/schema.js';
import { systemClock, type Clock } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import type { TrunkCaller } from '../trunks/trunk.js';
import { examineDns, systemDns } from './doctor-dns.js';
import { printFindings, type Finding } from './doctor-report.js';
import { examineAddresses, examineNumbers, examineProfile } from './doctor-settings.js';
import { examineOptions, examineRegistration, startDoctorSip } from './doctor-sip.js';
import { examineTls } from './doctor-tls.js';
import { EXIT, type ExitCode, type Output } from './output.js';

export interface DoctorQuestion {
  configFile: string;
  /** All of them when absent. */
  trunk: string | undefined;
  /** An E.164 number for the example. */
  number: string | undefined;
}

/** In no country's use (ITU-T E.164 leaves country code 999 free). */
const EXAMPLE_NUMBER = '+999123456789';

/**
 * `doctor FILE --trunk NAME`: looks for what keeps a trunk from working, one line per fact. Works beside a running gateway and without
 * one; calls nobody and registers nothing.
 * @throws ConfigError
 */
export async function diagnoseTrunks(question: DoctorQuestion, output: Output): Promise<ExitCode> {
  const { config } = await loadConfig({ file: question.configFile });
  const { trunk: name } = question;
  const chosen = config.trunks.filter((trunk) => name === undefined || trunk.name === name);
  if (chosen.length === 0) {
    const names = config.trunks.map((trunk) => trunk.name).join(', ') || 'none';
    output.fail(`There is no trunk ${name ?? ''}; there are ${names}.\n`);
    return EXIT.usage;
  }
  let good = true;
  for (const trunk of chosen) {
    output.write(`trunk ${trunk.name}\n`);
    const findings = await examine(config, trunk, question);
    good = printFindings(findings, output) && good;
  }
  output.write(
    good ? 'Nothing stands in the way of calls.\n' : 'What says "fail" must be mended.\n',
  );
  return good ? EXIT.ok : EXIT.no;
}

async function examine(
  config: CopperlineConfig,
  settings: TrunkConfig,
  question: DoctorQuestion,
): Promise<Finding[]> {
  const trunk = trunkOf(settings);
  const clock = systemClock;
  const { findings, places } = await examineDns(trunk, systemDns());
  return [
    ...examineProfile(settings.profile),
    ...findings,
    ...(await tls(config, settings, { places, clock })),
    ...(await sip(config, settings, clock)),
    ...examineNumbers(trunk, question.number ?? EXAMPLE_NUMBER, exampleCaller(config)),
    ...examineAddresses(config, settings.transport, places),
  ];
}

function exampleCaller({ users }: CopperlineConfig): TrunkCaller {
  const user = users.find(({ callerId }) => callerId !== undefined) ?? users[0];
  const { name = 'somebody', displayName, callerId } = user ?? {};
  return { user: name, displayName, callerId };
}

async function tls(
  { sip: { server } }: CopperlineConfig,
  { transport, host }: TrunkConfig,
  { places, clock }: { places: readonly { address: string; port: number }[]; clock: Clock },
): Promise<Finding[]> {
  const [place] = places;
  if (transport !== 'tls' || place === undefined) return [];
  const all = server.kind === 'embedded' ? listed(server.tls) : [];
  const settings = all.find((one) => isIP(one.host) === isIP(place.address)) ?? all[0];
  const verify = settings?.verifyServers ?? true;
  return [await examineTls({ ...place, host, caFile: settings?.caFile, verify, clock })];
}

async function sip(
  config: CopperlineConfig,
  settings: TrunkConfig,
  clock: Clock,
): Promise<Finding[]> {
  const trunk = trunkOf(settings);
  try {
    const stack = await startDoctorSip(config, clock);
    const { client } = stack;
    try {
      const options = await examineOptions(trunk, { client, clock });
      return [options, ...(await examineRegistration(trunk, { client, clock }))];
    } finally {
      await stack.close();
    }
  } catch (thrown) {
    const { sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
    return [{ verdict: 'fail', what: 'SIP', fact: sentence }];
  }
}

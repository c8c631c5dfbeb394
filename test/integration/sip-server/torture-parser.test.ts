import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { serializeSipMessage } from '../../../gateway/sip-server/message/serialize.js';
import { readVector, type TortureCase } from '../../support/sip/torture-case.js';
import { RFC4475 } from '../../support/sip/torture-rfc4475.js';
import { RFC5118 } from '../../support/sip/torture-rfc5118.js';

const SUITES: readonly [folder: string, cases: readonly TortureCase[]][] = [
  ['rfc4475', RFC4475],
  ['rfc5118', RFC5118],
];

describe.each(SUITES)('%s through the parser', (folder, cases) => {
  it('has an outcome for each file', () => {
    const names = readdirSync(new URL(`../../vectors/${folder}/`, import.meta.url));
    expect(cases.map(({ name }) => `${name}.dat`).sort()).toEqual(names.sort());
  });

  it.each(cases.map((torture) => [torture.section, torture.name, torture] as const))(
    '%s %s',
    (_section, name, { outcome, check }) => {
      const result = parseSipMessage(readVector(`${folder}/${name}`));
      if (outcome.by === 'parser') {
        expect(result).toMatchObject({ ok: false });
        if (outcome.answer !== 'silence') expect(result).toMatchObject({ status: outcome.answer });
        expect(result.ok ? '' : result.why).toMatch(outcome.why);
        return;
      }
      if (!result.ok) throw new Error(result.why);
      expect(result.message.kind).toBe(outcome.by === 'nobody' ? 'response' : 'request');
      check?.(result.message);
      const again = parseSipMessage(serializeSipMessage(result.message));
      expect(again).toMatchObject({ ok: true, message: { body: result.message.body } });
    },
  );
});

describe('messages that are not quite those of the RFC', () => {
  it('refuses the unquoted comma of baddn when nothing else is wrong with it', () => {
    const whole = Buffer.concat([readVector('rfc4475/baddn'), Buffer.from('\r\n')]);
    expect(parseSipMessage(whole)).toMatchObject({
      ok: false,
      status: 400,
      why: 'The header From is not an address.',
    });
  });

  it('refuses the 268 bytes that RFC 5118 section 4.6 counts in its body', () => {
    const text = readVector('rfc5118/ipv6-in-sdp').toString().replace('251', '268');
    expect(parseSipMessage(Buffer.from(text))).toMatchObject({ ok: false, status: 400 });
  });

  it('accepts a control character only as a quoted pair in a quoted string', () => {
    const text = readVector('rfc4475/intmeth').toString('latin1');
    for (const bad of ['BEL:\u0007', 'BEL:\\\r'])
      expect(
        parseSipMessage(Buffer.from(text.replace('BEL:\\\u0007', bad), 'latin1')),
      ).toMatchObject({ ok: false, why: 'The header To holds a control character.' });
    const unquoted = text.replace('token1~', '\\\u0007');
    expect(parseSipMessage(Buffer.from(unquoted, 'latin1')).ok).toBe(false);
  });
});

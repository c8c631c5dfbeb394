import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.js';
import { constantTimeEqual, Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  it('shows nothing in any form that turns it into text', () => {
    const forms = [
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
    ];
    for (const form of forms) expect(form).not.toContain('hunter2');
  });

  it('compares without revealing', () => {
    expect(secret.equals('hunter2')).toBe(true);
    expect(secret.equals('hunter')).toBe(false);
    expect(constantTimeEqual('', '')).toBe(true);
    expect(constantTimeEqual('a', 'aa')).toBe(false);
  });
});

describe('createLog', () => {
  it('redacts values under secret names, at three depths', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      destination: { write: (line: string) => void lines.push(line) },
    });
    log.info({ password: 'hunter2', a: { token: 'hunter2', b: { digits: 'hunter2' } } }, 'text');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toContain('[redacted]');
  });
});

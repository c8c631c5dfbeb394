import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { Secret } from '../kernel/secret.js';
import { noted } from './field-notes.js';

/** Building blocks of the sections: each carries the words that an error message needs. */

/** A whole number from `min` to `max`. The unit belongs into the setting's name. */
export function wholeNumber(min: number, max: number): z.ZodInt {
  return noted(z.int().min(min).max(max), { allowed: `a whole number from ${min} to ${max}` });
}

/** A port to listen on; 0 lets the system pick a free one. */
export function listenPort(): z.ZodInt {
  return noted(z.int().min(0).max(65_535), {
    allowed: 'a whole number from 0 to 65535 (0: any free port)',
  });
}

/** A port of somebody else. */
export function remotePort(): z.ZodInt {
  return wholeNumber(1, 65_535);
}

export function flag(): z.ZodBoolean {
  return noted(z.boolean(), { allowed: 'true or false' });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return noted(z.enum(values), { allowed: values.join(', ') });
}

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?$/;
const LOOKS_LIKE_IPV4 = /^[\d.]+$/;

function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return HOST_NAME.test(text) && !LOOKS_LIKE_IPV4.test(text);
}

/** A host name or IP address of somebody else, IPv6 without brackets. */
export function host(): z.ZodString {
  return noted(z.string().refine(isHost, 'has the wrong form'), {
    allowed: 'a host name or an IP address (without scheme, port or brackets)',
  });
}

/** An IP address of this machine, or one that stands for it behind NAT. */
export function ipAddress(): z.ZodString {
  return noted(
    z.string().refine((text) => isIP(text) !== 0, 'is no IP address'),
    { allowed: 'an IPv4 or IPv6 address' },
  );
}

/** Text that ends up in a SIP header or a log line: no control characters. */
export function plainText(maxLength: number): z.ZodString {
  return noted(
    z
      .string()
      .min(1)
      .max(maxLength)
      .regex(/^\P{Cc}*$/u),
    { allowed: `text of 1 to ${maxLength} characters without control characters` },
  );
}

/** A file that must be found whatever folder the gateway is started in. */
export function absolutePath(): z.ZodString {
  return noted(
    z
      .string()
      .max(4096)
      .refine((text) => isAbsolute(text), 'is no absolute path'),
    { allowed: 'an absolute path such as /etc/copperline/tls.pem' },
  );
}

/** Names that appear in SIP URIs, logs and metrics. */
export function identifier(): z.ZodString {
  return noted(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), {
    allowed: 'a name of 1 to 64 letters, digits, dots, hyphens or underscores',
  });
}

/** A password or key; the parsed value is a Secret. */
export function secret(minLength: number): z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>> {
  const length = minLength > 1 ? `at least ${minLength} characters` : '1 character or more';
  return noted(
    z
      .string()
      .min(minLength)
      .max(256)
      .transform((text) => new Secret(text)),
    { allowed: `text of ${length} (digits alone need quotes)`, secret: true },
  );
}

/** A list with the words for its length. */
export function listOf<Element extends z.ZodType>(
  element: Element,
  options: { min: number; of: string },
): z.ZodArray<Element> {
  const allowed =
    options.min > 0 ? `a list of ${options.of}, not empty` : `a list of ${options.of}`;
  return noted(z.array(element).min(options.min), { allowed });
}

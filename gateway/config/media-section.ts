import { z } from 'zod';
import { countryCode } from './dialplan-fields.js';
import { noted } from './field-notes.js';
import {
  flag,
  host,
  identifier,
  ipAddress,
  listenPort,
  listOf,
  oneOf,
  plainText,
  remotePort,
  wholeNumber,
} from './fields.js';

const rtpPort = (): z.ZodInt =>
  noted(
    z.int().refine((port) => port === 0 || (port >= 1_024 && port <= 65_535), 'is out of range'),
    { allowed: 'a whole number from 1024 to 65535 (both 0: any free ports)' },
  );

/** Undefined: any free ports. */
const rtpPorts = (min: number, max: number) =>
  z
    .strictObject({ min: rtpPort().default(min), max: rtpPort().default(max) })
    .refine((ports) => (ports.min === 0) === (ports.max === 0), 'has only one port that is 0')
    .transform((ports) => (ports.min === 0 ? undefined : ports))
    .prefault({});

const relay = z
  .strictObject({
    workers: noted(z.union([z.literal('auto'), z.int().min(1).max(64)]), {
      allowed: 'auto (one per processor core), or a whole number from 1 to 64',
    }).default('auto'),
    browser: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        port: listenPort().default(40_000),
        advertised: ipAddress().exactOptional(),
        certificateDays: wholeNumber(1, 180).default(30),
      })
      .prefault({}),
    carrier: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        advertised: ipAddress().exactOptional(),
        ports: rtpPorts(41_000, 42_999),
      })
      .prefault({}),
    timeoutSeconds: wholeNumber(5, 3_600).default(30),
  })
  .prefault({});

const daemon = z.strictObject({
  host: host(),
  port: remotePort().default(2_223),
  weight: wholeNumber(0, 1_000).default(1),
});

const rtpengine = z
  .strictObject({
    daemons: listOf(daemon, { min: 0, of: 'rtpengine daemons' }).default([]),
    digits: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        port: listenPort().default(2_224),
      })
      .prefault({}),
    reports: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        port: listenPort().default(2_225),
      })
      .prefault({}),
    interfaces: z.strictObject({ browser: identifier(), carrier: identifier() }).exactOptional(),
    instance: identifier().exactOptional(),
    injectDigits: flag().default(true),
    requestTimeoutMs: wholeNumber(200, 10_000).default(1_500),
    pingIntervalMs: wholeNumber(200, 60_000).default(1_000),
    timeoutSeconds: wholeNumber(5, 3_600).default(30),
  })
  .prefault({});

/** Workers, carrier and timeout are those of `relay`. */
const wrtc = z
  .strictObject({
    browser: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        advertised: ipAddress().exactOptional(),
        ports: rtpPorts(43_000, 44_999),
      })
      .prefault({}),
  })
  .prefault({});

/** `media`: the engine that carries the audio, and the settings of each. */
export const mediaSection = z
  .strictObject({
    engine: oneOf(['relay', 'wrtc', 'rtpengine']).default('relay'),
    relay,
    wrtc,
    rtpengine,
    tones: z.strictObject({ country: countryCode().exactOptional() }).prefault({}),
    holdMusic: plainText(1_024).exactOptional(),
  })
  .prefault({});

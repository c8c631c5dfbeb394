import { z } from 'zod';
import { noted } from './field-notes.js';
import { ipAddress, listenPort, oneOf, wholeNumber } from './fields.js';

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
      })
      .prefault({}),
    carrier: z
      .strictObject({
        host: ipAddress().default('127.0.0.1'),
        advertised: ipAddress().exactOptional(),
        ports: z
          .strictObject({
            min: wholeNumber(1_024, 65_535).default(41_000),
            max: wholeNumber(1_024, 65_535).default(42_999),
          })
          .prefault({}),
      })
      .prefault({}),
    timeoutSeconds: wholeNumber(5, 3_600).default(30),
  })
  .prefault({});

/** `media`: the engine that carries the audio. */
export const mediaSection = z
  .strictObject({ engine: oneOf(['relay']).default('relay'), relay })
  .prefault({});

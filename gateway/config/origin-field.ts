import { z } from 'zod';
import { noted } from './field-notes.js';

function isOrigin(text: string): boolean {
  try {
    const url = new URL(text);
    return (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text;
  } catch {
    return false;
  }
}

/** Where a page comes from, as browsers name it. */
export const origin = noted(z.string().refine(isOrigin, 'is no origin'), {
  allowed: 'scheme, host and port only, such as https://phone.example.org or http://localhost:8080',
});

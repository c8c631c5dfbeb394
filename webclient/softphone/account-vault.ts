import type { Account } from './account.js';
import { session } from './tab-storage.js';

const KEY = 'copperline.reload';
const STALE_MS = 30_000;
const DATABASE = 'copperline';
const STORE = 'keys';
const KEY_ID = 'reload';

/**
 * Carries an account over one reload of the page, so that a call that is up goes on without asking for the password again. The password
 * is written nowhere in clear: sessionStorage holds it encrypted, for seconds, and the key is in IndexedDB and cannot be read out of the
 * browser. Where a browser has no cryptography (pages that are not secure) nothing is carried.
 */
export class AccountVault {
  #sealed: { iv: string; text: string } | undefined;

  /** Makes ready; a page that goes away has no time for it. */
  async seal(account: Account): Promise<void> {
    this.#sealed = undefined;
    const subtle = (crypto as { subtle?: SubtleCrypto }).subtle;
    if (subtle === undefined) return;
    try {
      const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
      ]);
      await inStore('readwrite', (store) => store.put(key, KEY_ID));
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const clear = new TextEncoder().encode(JSON.stringify(account));
      const text = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, clear));
      this.#sealed = { iv: toHex(iv), text: toHex(text) };
    } catch {
      // Storage is forbidden: the form asks again.
    }
  }

  /** Leaves it for the page that comes back. */
  keep(now: number): void {
    if (this.#sealed !== undefined) session.set(KEY, JSON.stringify({ at: now, ...this.#sealed }));
  }

  forget(): void {
    this.#sealed = undefined;
  }
}

/** The account that was left a moment ago, once. */
export async function takeKeptAccount(now: number): Promise<Account | undefined> {
  const kept = session.take(KEY);
  if (kept === null) return undefined;
  try {
    const { at, iv, text } = JSON.parse(kept) as { at: number; iv: string; text: string };
    const key: unknown = await inStore(
      'readonly',
      (store) => store.get(KEY_ID) as IDBRequest<unknown>,
    );
    await inStore('readwrite', (store) => store.delete(KEY_ID));
    if (!(key instanceof CryptoKey) || !(now - at >= 0 && now - at < STALE_MS)) return undefined;
    const algorithm = { name: 'AES-GCM', iv: fromHex(iv) };
    const clear = await crypto.subtle.decrypt(algorithm, key, fromHex(text));
    return JSON.parse(new TextDecoder().decode(clear)) as Account;
  } catch {
    // Written by another version of the page, or the key is gone.
    return undefined;
  }
}

function inStore<Result>(
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    const failed = (event: Event): void => {
      reject((event.target as IDBRequest).error ?? new Error('IndexedDB is blocked'));
    };
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE);
    };
    opening.onerror = failed;
    opening.onblocked = failed;
    opening.onsuccess = () => {
      const database = opening.result;
      const request = action(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => {
        database.close();
        resolve(request.result);
      };
      request.onerror = failed;
    };
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

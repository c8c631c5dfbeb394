/** More keys than this are rather a PIN than a way through a menu, and are not remembered. */
const MAX_KEYS = 6;
const MAX_SHORTCUTS = 4;

/** Where shortcuts are kept: localStorage, or nothing where the browser forbids it. */
interface ShortcutStore {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

const browserStore: ShortcutStore = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // A private window: the visitor presses the keys again next time.
    }
  },
};

/** Ways through the menu of one destination, which the visitor chose to keep; only in this browser. */
export class Shortcuts {
  readonly #key: string;
  readonly #store: ShortcutStore;

  constructor(where: { site: string; destination: string }, store = browserStore) {
    this.#key = `copperline.shortcuts.${where.site}.${where.destination}`;
    this.#store = store;
  }

  /** Keys in the order to press them, the newest shortcut first. */
  list(): string[] {
    try {
      const parsed: unknown = JSON.parse(this.#store.get(this.#key) ?? '[]');
      return Array.isArray(parsed) ? parsed.filter(isShortcut).slice(0, MAX_SHORTCUTS) : [];
    } catch {
      return [];
    }
  }

  /** False for what is known already, or no shortcut. */
  canAdd(keys: string): boolean {
    return isShortcut(keys) && !this.list().includes(keys);
  }

  add(keys: string): void {
    if (!this.canAdd(keys)) return;
    this.#store.set(this.#key, JSON.stringify([keys, ...this.list()].slice(0, MAX_SHORTCUTS)));
  }
}

function isShortcut(keys: unknown): keys is string {
  return typeof keys === 'string' && keys.length <= MAX_KEYS && /^[0-9*#]+$/.test(keys);
}

/** `1 then 3`. */
export function describeShortcut(keys: string, then: string): string {
  return Array.from(keys).join(` ${then} `);
}

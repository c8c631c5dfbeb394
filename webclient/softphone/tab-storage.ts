/** Storage of this tab: it outlives a reload and ends with the tab. Where it is forbidden, nothing is kept. */
export const session = {
  set(key: string, value: string): void {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Private windows may forbid it.
    }
  },
  /** Reads and removes. */
  take(key: string): string | null {
    try {
      const value = sessionStorage.getItem(key);
      sessionStorage.removeItem(key);
      return value;
    } catch {
      return null;
    }
  },
};

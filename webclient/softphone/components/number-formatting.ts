import type * as NumberFormat from '../number-format.js';

/** Loaded with the first plus: most of the page's size would be the numbering plans of the world. */
let loading: Promise<typeof NumberFormat> | undefined;
let loaded: typeof NumberFormat | undefined;

/** How numbers are written, once that is loaded; `onLoaded` tells when. */
export function numberFormat(
  number: string,
  onLoaded: () => void,
): typeof NumberFormat | undefined {
  if (loaded === undefined && number.startsWith('+')) {
    loading ??= import('../number-format.js');
    loading.then(
      (format) => {
        loaded = format;
        onLoaded();
      },
      () => {
        // Not reachable now; numbers are shown as they were typed.
        loading = undefined;
      },
    );
  }
  return loaded;
}

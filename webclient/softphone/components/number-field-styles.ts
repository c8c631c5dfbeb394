import { css } from 'lit';

/** Of the number field and the list of people under it. */
export const fieldStyles = css`
  .number {
    position: relative;
  }
  input {
    width: 100%;
    height: 60px;
    padding: 0 48px;
    border: 0;
    border-bottom: 2px solid var(--line);
    border-radius: 0;
    background: transparent;
    text-align: center;
    font-size: 1.75rem;
    font-weight: 550;
    letter-spacing: 0.01em;
    font-variant-numeric: tabular-nums;
    transition: border-color 0.15s;
  }
  input.long {
    font-size: 1.3125rem;
  }
  input::placeholder {
    color: var(--text-quiet);
    font-size: 1.125rem;
    font-weight: 400;
    letter-spacing: 0;
    opacity: 1;
  }
  input:focus-visible {
    outline: none;
    border-color: var(--accent);
  }
  .backspace {
    position: absolute;
    inset-inline-end: 0;
    top: 8px;
    width: 44px;
    height: 44px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    color: var(--text-quiet);
  }
  .backspace:hover {
    background: var(--surface-hover);
    color: var(--text);
  }
  .about {
    min-height: 20px;
    margin: 4px 0 8px;
    text-align: center;
    font-size: 0.8125rem;
    color: var(--text-quiet);
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
    /* As high as the keypad: the call button stays where it is. */
    min-height: 314px;
  }
  li {
    min-height: 48px;
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 6px 12px;
    border-radius: 12px;
    cursor: pointer;
  }
  li:hover {
    background: var(--surface-hover);
  }
  li[aria-selected='true'] {
    background: var(--accent-soft);
    box-shadow: inset 0 0 0 2px var(--accent);
  }
  .who {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 550;
  }
  .what {
    flex: none;
    max-width: 55%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
    color: var(--text-quiet);
  }
  @media (max-width: 400px) {
    ul {
      min-height: 292px;
    }
  }
`;

import { css } from 'lit';

/** Of the lists of people: a row to call, a small button at its end, words where there is nothing, small commands below. */
export const listStyles = css`
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
    max-height: 260px;
    overflow-y: auto;
  }
  li {
    display: flex;
    align-items: center;
    border-radius: 10px;
  }
  li:hover {
    background: var(--surface-hover);
  }
  .call {
    flex: 1;
    min-width: 0;
    min-height: 48px;
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 4px 10px;
    border-radius: 10px;
    text-align: start;
  }
  .call:disabled {
    opacity: 0.6;
  }
  .who {
    flex: 1;
    min-width: 0;
    line-height: 1.25;
  }
  .who > * {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .who small {
    font-size: 0.8125rem;
    color: var(--text-quiet);
    font-variant-numeric: tabular-nums;
  }
  .small {
    flex: none;
    width: 40px;
    height: 40px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    color: var(--text-quiet);
  }
  .small:hover {
    color: var(--text);
    background: var(--surface-sunken);
  }
  .small svg {
    width: 18px;
    height: 18px;
  }
  .empty {
    margin: 0;
    padding: 22px 12px;
    text-align: center;
    font-size: 0.875rem;
    color: var(--text-quiet);
  }
  .commands {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 4px;
    margin-top: 6px;
  }
  .commands button {
    min-height: 36px;
    padding: 0 12px;
    border-radius: 18px;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--text-quiet);
  }
  .commands button:hover {
    color: var(--text);
    background: var(--surface-hover);
  }
`;

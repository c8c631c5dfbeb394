import { css } from 'lit';

/** Of the round buttons in a call, with their names below. */
export const controlStyles = css`
  .controls {
    display: flex;
    justify-content: center;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 16px;
  }
  .control {
    display: grid;
    justify-items: center;
    gap: 6px;
    font-size: 0.8125rem;
    color: var(--text-quiet);
    border-radius: 16px;
    padding: 4px;
  }
  .round {
    width: 56px;
    height: 56px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    background: var(--surface-sunken);
    color: var(--text);
    transition:
      background 0.15s,
      transform 0.1s;
  }
  .control {
    width: 65px;
    padding-inline: 0;
  }
  .control:disabled {
    opacity: 0.55;
  }
  .control:hover:not(:disabled) .round {
    background: var(--surface-hover);
  }
  .control:active .round {
    transform: scale(0.95);
  }
  .control[aria-pressed='true'] .round {
    background: var(--text);
    color: var(--surface);
  }
  .stop .round {
    background: var(--stop);
    color: var(--on-strong);
  }
  .stop:hover .round {
    background: var(--stop-strong);
  }
  @media (max-width: 400px) {
    .controls {
      gap: 4px;
    }
    .control {
      width: 57px;
      padding-inline: 0;
      font-size: 0.75rem;
    }
    .round {
      width: 50px;
      height: 50px;
    }
  }
`;

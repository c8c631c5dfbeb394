import type { CallLoadResult } from './call-load-run.js';
import type { MemoryResult } from './memory-run.js';
import type { ParserResult } from './parser-run.js';

/** What the SIP server's benchmark has measured; of several servers the embedded one comes first. */
export interface SipFigures {
  parser: ParserResult;
  load: { sustained: CallLoadResult; faster: CallLoadResult[] }[];
  dialogs: MemoryResult[];
  registrations: MemoryResult[];
}

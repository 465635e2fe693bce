export type { Logger } from '@openimo/service';

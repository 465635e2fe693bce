/** What a child writes to stderr before it ends itself for using too much memory. */
export const OUT_OF_MEMORY_MARK = 'openimo: memory limit exceeded';

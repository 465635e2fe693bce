/** What modules ask for by name, because it is an interface or somebody else's class. */
export const CONFIG = Symbol('IndexerConfig');
export const LOG = Symbol('Logger');
export const SHUTDOWN = Symbol('Shutdown');
export const DEPLOYMENT = Symbol('Deployment');
export const DATABASE = Symbol('DataSource');
export const COMMAND = Symbol('Command');

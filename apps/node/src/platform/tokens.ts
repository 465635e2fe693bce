/** What modules ask for by name, because it is an interface or somebody else's class. */
export const CONFIG = Symbol('NodeConfig');
export const LOG = Symbol('Logger');
export const SHUTDOWN = Symbol('Shutdown');
export const DEPLOYMENT = Symbol('Deployment');
export const DATABASE = Symbol('DataSource');
export const CHAIN = Symbol('Chain');
export const SIGNER = Symbol('Signer');
export const TRANSACTIONS = Symbol('TransactionManager');
export const MODEL_STORE = Symbol('ModelStore');
export const MODEL_RUNNER = Symbol('ModelRunner');
export const JOBS = Symbol('JobRepository');

/** What modules ask for by name, because it is an interface or somebody else's class. */
export const CONFIG = Symbol('ApiConfig');
export const LOG = Symbol('Logger');
export const SHUTDOWN = Symbol('Shutdown');
export const DEPLOYMENT = Symbol('Deployment');
export const DATABASE = Symbol('DataSource');
export const CHAIN = Symbol('Chain');
export const AUTHENTICATOR = Symbol('Authenticator');
export const COST_CHARGER = Symbol('CostCharger');

import type { Viewer } from '../graphql/request-context.js';
import { authError } from './auth.errors.js';
import { REQUEST_HEADER } from './credentials.js';
import type { Scope } from './scopes.js';

/**
 * The viewer, who may do what needs `scope`. Everything but `read` is a change, which a cookie alone is not enough for.
 *
 * @throws DomainError `SignInRequired`, `ScopeMissing`, `RequestHeaderMissing`
 */
export function authorize(
  { viewer }: { readonly viewer: Viewer | null },
  scope: Scope,
  change = scope !== 'read',
): Viewer {
  if (viewer === null) throw authError('SignInRequired', 'Sign in first, or send an API key.');
  if (!viewer.scopes.includes(scope)) {
    throw authError('ScopeMissing', `This needs the scope "${scope}", which the ${nameOf(viewer)} does not have.`, {
      scope,
    });
  }
  if (change && viewer.via === 'session' && viewer.fromOwnPage !== true) {
    throw authError('RequestHeaderMissing', `Send the header ${REQUEST_HEADER}: 1 with every change.`);
  }
  return viewer;
}

function nameOf({ via }: Viewer): string {
  return via === 'apiKey' ? 'API key' : via;
}

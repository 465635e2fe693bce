/** What the API reads with. */
export { FamilyRepository } from '../index-model/family.repository.js';
export {
  OPERATORS,
  type Condition,
  type Direction,
  type Edge,
  type Operator,
  type Page,
  type PageQuery,
  type QueryErrorCode,
} from './page.js';

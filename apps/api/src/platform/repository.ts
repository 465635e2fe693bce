import type { FactoryProvider, Type } from '@nestjs/common';
import type { DataSource } from '@openimo/persistence';
import { DATABASE } from './tokens.js';

/** Provides a repository of `@openimo/persistence`. */
export function repository<R>(type: Type<R> & (new (dataSource: DataSource) => R)): FactoryProvider<R> {
  return { provide: type, inject: [DATABASE], useFactory: (dataSource: DataSource) => new type(dataSource) };
}

import { Query, Resolver } from '@nestjs/graphql';
import { MetaService } from './meta.service.js';
import { Meta } from './meta.types.js';

@Resolver(() => Meta)
export class MetaResolver {
  constructor(private readonly meta: MetaService) {}

  @Query(() => Meta, { name: '_meta' })
  read() {
    return this.meta.read();
  }
}

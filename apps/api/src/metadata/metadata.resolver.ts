import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Version } from '../version/version.types.js';
import { MetadataService } from './metadata.service.js';
import { Metadata } from './metadata.types.js';

@Resolver(() => Version)
export class MetadataResolver {
  constructor(private readonly metadata: MetadataService) {}

  @ResolveField('metadata', () => Metadata, { description: 'The model card. It may take seconds the first time.' })
  of(@Parent() { metadataUri, metadataHash }: Version) {
    return this.metadata.read(metadataUri, metadataHash);
  }
}

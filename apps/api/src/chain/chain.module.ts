import { Global, Module } from '@nestjs/common';
import { HeadReader } from './head-reader.js';

@Global()
@Module({ providers: [HeadReader], exports: [HeadReader] })
export class ChainModule {}

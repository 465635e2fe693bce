import { type FactoryProvider, Global, Module } from '@nestjs/common';
import { createSafeFetch, dnsResolver, type SafeFetch } from '@openimo/outbound';
import type { ApiConfig } from '../config/config.js';
import { CONFIG } from './tokens.js';

export const SAFE_FETCH = Symbol('SafeFetch');

const safeFetch: FactoryProvider<SafeFetch> = {
  provide: SAFE_FETCH,
  inject: [CONFIG],
  useFactory: ({ outbound: { dnsServer, ...policy } }: ApiConfig) =>
    createSafeFetch({ ...policy, ...(dnsServer !== undefined && { resolve: dnsResolver(dnsServer) }) }),
};

/** The one way in which URLs that strangers name are fetched. */
@Global()
@Module({ providers: [safeFetch], exports: [safeFetch] })
export class OutboundModule {}

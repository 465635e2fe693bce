import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ApiConfig } from '../config/config.js';
import type { Authenticator } from '../graphql/authenticator.js';
import { AUTHENTICATOR, CONFIG } from '../platform/tokens.js';
import { authError } from './auth.errors.js';
import { AuthService, SESSION_SECONDS, type SignedIn } from './auth.service.js';
import { authorize } from './authorize.js';
import { REQUEST_HEADER, sessionCookie } from './credentials.js';
import { HttpErrorFilter } from './http-error.filter.js';
import { ownOrigins, refuseForeignOrigin } from './own-page.js';

const signInBody = z.object({
  message: z.string(),
  signature: z.string().regex(/^0x([0-9a-fA-F]{2})*$/),
});

/**
 * Sign-in with Ethereum (EIP-4361): ask for a nonce, sign a message with it, send both. `POST` all of them, with the header
 * `x-openimo-request: 1`.
 */
@Controller('auth')
@UseFilters(HttpErrorFilter)
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  @Post('nonce')
  @HttpCode(200)
  nonce(@Req() request: IncomingMessage) {
    this.#refuseForeign(request);
    return { ...this.auth.nonce(), domains: this.#domains(request) };
  }

  /** Sets the session cookie. For pages. */
  @Post('session')
  @HttpCode(200)
  async openSession(
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
    @Body() body: unknown,
  ) {
    const { address, sessionId, sessionToken, expiresAt } = await this.#signIn(request, body);
    response.setHeader('set-cookie', sessionCookie(sessionToken, this.#cookie(request, SESSION_SECONDS)));
    return { address, sessionId, expiresAt };
  }

  /** Gives a token instead. For programs; whoever is signed in already needs no message. */
  @Post('token')
  @HttpCode(200)
  async token(@Req() request: IncomingMessage, @Body() body: unknown) {
    this.#refuseForeign(request);
    const viewer = await this.authenticator.authenticate({ headers: request.headers });
    if (viewer !== null) {
      const { address, sessionId } = authorize({ viewer }, 'manage');
      return { address, sessionId, ...(await this.auth.token(address, sessionId!)) };
    }
    const { address, sessionId } = await this.#signIn(request, body);
    return { address, sessionId, ...(await this.auth.token(address, sessionId)) };
  }

  /** Ends the session that the cookie or token is of, and tokens made in it. */
  @Post('sign-out')
  @HttpCode(200)
  async signOut(@Req() request: IncomingMessage, @Res({ passthrough: true }) response: ServerResponse) {
    this.#refuseForeign(request);
    const viewer = authorize({ viewer: await this.authenticator.authenticate({ headers: request.headers }) }, 'manage');
    await this.auth.signOut(viewer.address, viewer.sessionId!);
    response.setHeader('set-cookie', sessionCookie('', this.#cookie(request, 0)));
    return { signedOut: true };
  }

  async #signIn(request: IncomingMessage, body: unknown): Promise<SignedIn> {
    this.#refuseForeign(request);
    const { data } = signInBody.safeParse(body);
    if (data === undefined) {
      throw authError('SignInMessageMalformed', 'Send {"message": "...", "signature": "0x..."} as JSON.');
    }
    return this.auth.signIn({
      message: data.message,
      signature: data.signature as `0x${string}`,
      domains: this.#domains(request),
      userAgent: request.headers['user-agent'] ?? '',
    });
  }

  /** Also signing in is a change: nobody may sign a visitor in as somebody else. */
  #refuseForeign(request: IncomingMessage): void {
    refuseForeignOrigin(this.config, request);
    if (request.headers[REQUEST_HEADER] === undefined) {
      throw authError('RequestHeaderMissing', `Send the header ${REQUEST_HEADER}: 1.`);
    }
  }

  #domains(request: IncomingMessage): string[] {
    return ownOrigins(this.config, request).map((origin) => new URL(origin).host);
  }

  /** A cookie without `Secure` is for the loopback interface, where there is no TLS and nobody who listens. */
  #cookie({ socket }: IncomingMessage, maxAgeSeconds: number) {
    const isLocal = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(socket.localAddress ?? '');
    const isPlain = this.config.publicUrl === undefined || this.config.publicUrl.startsWith('http:');
    return { secure: !(isLocal && isPlain), maxAgeSeconds };
  }
}

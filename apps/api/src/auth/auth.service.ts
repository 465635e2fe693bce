import { Inject, Injectable } from '@nestjs/common';
import { type Chain, toChainError } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import type { Address, Hex } from '@openimo/domain';
import { SessionRepository } from '@openimo/persistence';
import { hashMessage, recoverAddress } from 'viem';
import { CHAIN, DEPLOYMENT } from '../platform/tokens.js';
import { authError } from './auth.errors.js';
import { hashSecret, randomId, randomSecret } from './keys.js';
import { type Nonce, Nonces } from './nonces.js';
import { readSignInMessage } from './sign-in-message.js';
import { Tokens } from './tokens.js';

export const SESSION_SECONDS = 7 * 24 * 3_600;
const MAX_SIGNATURE_LENGTH = 20_000;
const MAX_USER_AGENT_LENGTH = 200;

export interface SignIn {
  readonly message: string;
  readonly signature: Hex;
  /** Hosts under which people see us. */
  readonly domains: readonly string[];
  readonly userAgent: string;
}

export interface SignedIn {
  readonly address: Address;
  readonly sessionId: string;
  /** For the cookie; it is kept nowhere. */
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly nonces: Nonces,
    private readonly tokens: Tokens,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(DEPLOYMENT) private readonly deployment: Deployment,
  ) {}

  nonce(): Nonce & { chainId: number } {
    return { ...this.nonces.issue(), chainId: this.deployment.chainId };
  }

  /**
   * Opens a session for whoever signed the message. The nonce is used up last: what fails before can be corrected and sent again.
   * @throws DomainError with an AuthErrorCode
   */
  async signIn({ message, signature, domains, userAgent }: SignIn): Promise<SignedIn> {
    const { chainId } = this.deployment;
    const { address, nonce } = readSignInMessage(message, { domains, chainId, now: new Date() });
    const nonceExpiresAt = this.nonces.check(nonce);
    if (!(await this.#isSignedBy(address, message, signature))) {
      throw authError('SignInSignatureWrong', `The signature is not one of ${address}.`);
    }
    if (!(await this.sessions.useNonce(nonce, nonceExpiresAt))) {
      throw authError('SignInNonceUsed', 'Somebody has signed in with this message before. Ask for another nonce.');
    }
    const sessionToken = randomSecret();
    const sessionId = randomId();
    const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000);
    await this.sessions.add({
      sessionId,
      account: address,
      tokenHash: hashSecret(sessionToken),
      userAgent: userAgent.slice(0, MAX_USER_AGENT_LENGTH),
      expiresAt,
    });
    return { address, sessionId, sessionToken, expiresAt };
  }

  token(address: Address, sessionId: string): Promise<{ token: string; expiresAt: Date }> {
    return this.tokens.issue({ address, sessionId });
  }

  signOut(address: Address, sessionId: string): Promise<boolean> {
    return this.sessions.revoke(address, sessionId);
  }

  /** By key; or, when that does not fit, as a contract says (ERC-1271), one that is still to be deployed too (ERC-6492). */
  async #isSignedBy(address: Address, message: string, signature: Hex): Promise<boolean> {
    if (signature.length > MAX_SIGNATURE_LENGTH) return false;
    const hash = hashMessage(message);
    const signer = await recoverAddress({ hash, signature }).catch(() => undefined);
    if (signer?.toLowerCase() === address) return true;
    const { client } = this.chain;
    if (await client.verifyHash({ address, hash, signature })) return true;
    // A chain that does not answer looks the same as a contract that refuses; this fails where that is so.
    await client.getChainId().catch((error: unknown) => {
      throw toChainError(error);
    });
    return false;
  }
}

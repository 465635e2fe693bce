// A local chain for one bench: anvil on a free port of this machine, accounts with ordinary (non-zero-rich) addresses,
// and the gas that receipts report.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createPublicClient, createTestClient, createWalletClient, http, keccak256, parseEther, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';

const anvil = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url));
const artifacts = new URL('../artifacts/', import.meta.url);

/** @param {string} path Source path and contract name, as in 'src/token/ModelToken.sol:ModelToken'. */
export function artifact(path) {
  const [source, contract] = path.split(':');
  return JSON.parse(readFileSync(new URL(`${source}/${contract}.json`, artifacts), 'utf8'));
}

/** Starts a chain, hands it to `use`, and stops it whatever happens. */
export async function withChain(use) {
  const port = await freePort();
  const child = spawn(anvil, ['--host', '127.0.0.1', '--port', String(port), '--silent', '--hardfork', 'cancun'], {
    stdio: 'ignore',
  });
  try {
    const transport = http(`http://127.0.0.1:${port}`);
    const chain = new Chain(transport);
    await chain.ready(child);
    return await use(chain);
  } finally {
    child.kill();
  }
}

class Chain {
  constructor(transport) {
    this.transport = transport;
    this.public = createPublicClient({ chain: foundry, transport, pollingInterval: 5 });
    this.test = createTestClient({ chain: foundry, transport, mode: 'anvil' });
  }

  async ready(child) {
    for (let attempt = 0; attempt < 200; ++attempt) {
      if (child.exitCode !== null) throw new Error(`anvil ended with ${child.exitCode}`);
      try {
        await this.public.getChainId();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    throw new Error('anvil does not answer');
  }

  /** An account with 1,000,000 ETH, the same for the same name. */
  async account(name) {
    const account = privateKeyToAccount(keccak256(toHex(`openimo bench ${name}`)));
    await this.test.setBalance({ address: account.address, value: parseEther('1000000') });
    return createWalletClient({ account, chain: foundry, transport: this.transport });
  }

  async deploy(wallet, path, args = []) {
    const { abi, bytecode } = artifact(path);
    const hash = await wallet.deployContract({ abi, bytecode, args });
    const { contractAddress, status } = await this.receipt(hash);
    if (status !== 'success') throw new Error(`${path} was not deployed`);
    return { address: contractAddress, abi };
  }

  /** Sends one transaction and returns its gas. A revert is an error. */
  async gas(wallet, contract, functionName, args = [], value = 0n) {
    const { request } = await this.public.simulateContract({
      ...contract,
      functionName,
      args,
      value,
      account: wallet.account,
    });
    return this.#gasOf(await wallet.writeContract({ ...request, gas: 5_000_000n }), functionName);
  }

  /** Sends plain ETH. */
  async pay(wallet, to, value) {
    return this.#gasOf(await wallet.sendTransaction({ to, value, gas: 1_000_000n }), 'payment');
  }

  /** Asked for until it is there: viem's wait for a further block, which never comes here, may miss it. */
  async receipt(hash) {
    for (;;) {
      const receipt = await this.public.getTransactionReceipt({ hash }).catch(() => undefined);
      if (receipt) return receipt;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async read(contract, functionName, args = []) {
    return this.public.readContract({ ...contract, functionName, args });
  }

  async skip(seconds) {
    await this.test.increaseTime({ seconds });
    await this.test.mine({ blocks: 1 });
  }

  async #gasOf(hash, what) {
    const { gasUsed, status } = await this.receipt(hash);
    if (status !== 'success') throw new Error(`${what} reverted`);
    return Number(gasUsed);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Anvil, type AnvilOptions, startAnvil } from '@openimo/chain';
import {
  deploy,
  type Deployment,
  digitReaderAbi,
  digitReaderBytecode,
  inferenceOracleAbi,
  local,
  modelRegistryAbi,
  modelTokenAbi,
  modelTokenBytecode,
  operatorRegistryAbi,
  type Parameters,
  promptAbi,
  promptBytecode,
  revenueRouterAbi,
  waitForReceipt,
} from '@openimo/contracts';
import { digits } from '@openimo/models';
import {
  type Address,
  type ContractFunctionArgs,
  createWalletClient,
  type Hex,
  http,
  parseEther,
  parseEventLogs,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { eventually } from './eventually.js';
import { fundedWallet, LocalChain, type Wallet } from './local-chain.js';

/** Windows short enough to wait for. */
export const QUICK: Parameters = {
  ...local,
  oracle: { ...local.oracle, safeWindow: 6, fastWindow: 2, requestDeadline: 120, exclusiveWindow: 4 },
};

/** Of one inference, in wei; the operator's share of it is 20 %. */
export const PRICE = parseEther('0.001');

const OPTIMISTIC = 1;

type Bounds = ContractFunctionArgs<typeof modelRegistryAbi, 'nonpayable', 'publishVersion'>[0]['io'];

function tensorBounds(input: number, output: number): Bounds {
  return { minInput: input, maxInput: input, minOutput: output, maxOutput: output, context: 0 };
}

/** What the digits model reads and answers. */
const DIGITS = tensorBounds(digits.inputBytes, digits.outputBytes);

/** A local chain with our contracts, the digits model as version 1, and somebody who asks it. */
export class TestChain extends LocalChain {
  #requester: Wallet;

  private constructor(
    anvil: Anvil,
    options: AnvilOptions,
    readonly deployment: Deployment,
    readonly fileHash: Hex,
    readonly reader: Address,
    requester: Wallet,
  ) {
    super(anvil, options);
    this.#requester = requester;
  }

  static async start(options: AnvilOptions = {}, parameters = QUICK): Promise<TestChain> {
    // As the development stack: a block per transaction at once, and one every second, so that time passes.
    const withClock = { blockTime: 1, args: ['--mixed-mining'], ...options };
    const anvil = await startAnvil(withClock);
    const client = anvil.chain.client;
    const deployer = await fundedWallet(anvil);
    const deployment = await deploy({
      client,
      wallet: deployer,
      parameters,
      protocolTreasury: deployer.account.address,
    });

    const publisher = await fundedWallet(anvil);
    const { modelRegistry, inferenceOracle } = deployment.addresses;
    const registry = { address: modelRegistry, abi: modelRegistryAbi } as const;
    const write = async (hash: Promise<Hex>) => waitForReceipt(client, await hash);
    await write(
      publisher.writeContract({
        ...registry,
        functionName: 'registerFamily',
        args: [
          { name: 'Digits', operatorBps: 2_000, publisherBps: 2_500, holdersFloorBps: 5_000, lineage: [], assets: [] },
        ],
      }),
    );
    const file = await readFile(digits.modelPath);
    const fileHash: Hex = `0x${createHash('sha256').update(file).digest('hex')}`;
    await write(publishVersion(publisher, modelRegistry, fileHash, DIGITS));

    const requester = await fundedWallet(anvil);
    const { contractAddress } = await write(
      requester.deployContract({ abi: digitReaderAbi, bytecode: digitReaderBytecode, args: [inferenceOracle, 1n] }),
    );
    return new TestChain(anvil, withClock, deployment, fileHash, contractAddress!, requester);
  }

  /** Waits until the stake tree that draws use knows those who are enrolled now. */
  async nextEpochs(): Promise<void> {
    const { epochLength } = this.deployment.parameters.operators;
    const from = (await this.client.getBlock()).timestamp;
    await eventually(
      () => this.client.getBlock(),
      ({ timestamp }) => timestamp >= from + 2n * BigInt(epochLength),
      { what: 'two epochs to pass' },
    );
  }

  /** What waits for the holders of a family, in wei. */
  holdersPending(familyId: bigint): Promise<bigint> {
    return this.client.readContract({
      address: this.deployment.addresses.revenueRouter,
      abi: revenueRouterAbi,
      functionName: 'holdersPending',
      args: [familyId, zeroAddress],
    });
  }

  /** What the waterfall has paid out to `operator` so far, in units of `asset`. */
  async withdrawnBy(operator: Address, asset: Address = zeroAddress): Promise<bigint> {
    const logs = await this.client.getContractEvents({
      address: this.deployment.addresses.revenueRouter,
      abi: revenueRouterAbi,
      eventName: 'Withdrawn',
      args: { account: operator, asset },
      fromBlock: 0n,
    });
    return logs.reduce((sum, { args }) => sum + args.amount!, 0n);
  }

  drawnOperator(requestId: bigint) {
    return this.client.readContract({ ...this.#oracle, functionName: 'drawnOperator', args: [requestId] });
  }

  /** Publishes another version, in a family of its own. @returns its id */
  async publish(fileHash: Hex, inputBytes: number, outputBytes: number, modelRoot?: Hex): Promise<bigint> {
    return this.#publishOne(fileHash, tensorBounds(inputBytes, outputBytes), modelRoot);
  }

  /** Publishes a version that writes text, in a family of its own. @returns its id */
  async publishText(fileHash: Hex, context: number, mostNewBytes: number, modelRoot?: Hex): Promise<bigint> {
    const io = { minInput: 1, maxInput: context - 1, minOutput: 0, maxOutput: mostNewBytes, context };
    return this.#publishOne(fileHash, io, modelRoot);
  }

  async #publishOne(fileHash: Hex, io: Bounds, modelRoot?: Hex): Promise<bigint> {
    await this.publishMany(1, fileHash, io, [], modelRoot);
    return this.client.readContract({ ...this.#models, functionName: 'versionCount' });
  }

  /** Asks a version to write on, through OAO's example contract. @returns the request, and what the contract was told so far */
  async askPrompt(versionId: bigint, prompt: string): Promise<{ requestId: bigint; told: () => Promise<string> }> {
    const { contractAddress: address } = await waitForReceipt(
      this.client,
      await this.#requester.deployContract({ abi: promptAbi, bytecode: promptBytecode, args: [this.#oracle.address] }),
    );
    const contract = { address: address!, abi: promptAbi } as const;
    const value = await this.client.readContract({ ...contract, functionName: 'estimateFee', args: [versionId] });
    const args = [versionId, prompt] as const;
    const hash = await this.#requester.writeContract({ ...contract, functionName: 'calculateAIResult', args, value });
    const { logs } = await waitForReceipt(this.client, hash);
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, logs, eventName: 'RequestOpened' });
    return {
      requestId: opened!.args.requestId,
      told: () => this.client.readContract({ ...contract, functionName: 'getAIResult', args }),
    };
  }

  /** Publishes `count` versions of one file, in a family of their own that is paid in ETH and in `assets`. */
  async publishMany(
    count: number,
    fileHash: Hex = this.fileHash,
    io: Bounds = DIGITS,
    assets: readonly Address[] = [],
    modelRoot: Hex = zeroHash,
  ): Promise<void> {
    const publisher = await fundedWallet(this.anvil);
    const family = await publisher.writeContract({
      ...this.#models,
      functionName: 'registerFamily',
      args: [{ name: 'Other', operatorBps: 2_000, publisherBps: 2_500, holdersFloorBps: 5_000, lineage: [], assets }],
    });
    await waitForReceipt(this.client, family);
    const familyId = await this.client.readContract({ ...this.#models, functionName: 'familyCount' });
    const { address } = this.#models;
    for (let i = 0; i < count; i++) {
      const hash = await publishVersion(publisher, address, fileHash, io, familyId, assets, modelRoot);
      await waitForReceipt(this.client, hash);
    }
  }

  /** Asks through DigitReader, whose callback learns the answer. @returns the request's id */
  async ask(image: Uint8Array): Promise<bigint> {
    const hash = await this.#requester.writeContract({
      address: this.reader,
      abi: digitReaderAbi,
      functionName: 'ask',
      args: [toHex(image)],
      value: parseEther('0.05'),
      gas: 2_000_000n,
    });
    return this.#openedIn(hash);
  }

  /** Asks for several at once, with the fast window and without a callback. */
  askBatch(images: readonly Uint8Array[], versionId = 1n, asset: Address = zeroAddress): Promise<bigint> {
    return this.#requestInference(images, { versionId, asset });
  }

  /** Asks for one, to be called back at the assertion already. */
  askOptimistically(image: Uint8Array): Promise<bigint> {
    return this.#requestInference([image], { mode: OPTIMISTIC, callbackContract: this.reader });
  }

  async #requestInference(
    images: readonly Uint8Array[],
    { versionId = 1n, asset = zeroAddress as Address, mode = 0, callbackContract = zeroAddress as Address },
  ): Promise<bigint> {
    const hash = await this.#requester.writeContract({
      ...this.#oracle,
      functionName: 'requestInference',
      args: [
        versionId,
        BigInt(images.length),
        toHex(Buffer.concat(images)),
        callbackContract,
        callbackContract === zeroAddress ? 0n : 60_000n,
        '0x',
        {
          mode,
          window: this.deployment.parameters.oracle.fastWindow,
          minBond: 0n,
          maxFee: parseEther('1'),
          minTier: 0,
          asset,
          refundTo: zeroAddress,
        },
      ],
      // What the callback does not need becomes credit.
      value:
        asset !== zeroAddress
          ? 0n
          : PRICE * BigInt(images.length) + (callbackContract === zeroAddress ? 0n : parseEther('0.05')),
    });
    return this.#openedIn(hash);
  }

  /** A token with all of its supply in the requester's hands, who lets the oracle have what it asks for. */
  async deployToken(): Promise<Address> {
    const me = this.#requester.account.address;
    const config = {
      name: 'Test',
      symbol: 'TEST',
      supply: parseEther('1000'),
      claimableBps: 5_000,
      streamPeriod: 0,
      snapshotInterval: 0,
      distributor: me,
      publisher: me,
      assets: [],
      nonSharing: [],
    };
    const deployed = await this.#requester.deployContract({
      abi: modelTokenAbi,
      bytecode: modelTokenBytecode,
      args: [config],
    });
    const { contractAddress } = await waitForReceipt(this.client, deployed);
    const approved = await this.#requester.writeContract({
      address: contractAddress!,
      abi: modelTokenAbi,
      functionName: 'approve',
      args: [this.#oracle.address, parseEther('1000')],
    });
    await waitForReceipt(this.client, approved);
    return contractAddress!;
  }

  /** Gives the family of version 1 its token, as a sale that succeeds does. */
  async bindToken(token: Address): Promise<void> {
    const { offeringFactory } = this.deployment.addresses;
    await this.control.setBalance({ address: offeringFactory, value: parseEther('1') });
    await this.control.impersonateAccount({ address: offeringFactory });
    const wallet = createWalletClient({ chain: this.client.chain, transport: http(this.anvil.rpcUrl) });
    const hash = await wallet.writeContract({
      ...this.#models,
      account: offeringFactory,
      functionName: 'bindToken',
      args: [1n, token],
    });
    await waitForReceipt(this.client, hash);
  }

  async #openedIn(hash: Hex): Promise<bigint> {
    const { logs, status } = await waitForReceipt(this.client, hash);
    const [opened] = parseEventLogs({ abi: inferenceOracleAbi, eventName: 'RequestOpened', logs });
    if (opened === undefined) throw new Error(`no request was opened (${status})`);
    return opened.args.requestId;
  }

  /** As anybody may once the window is over; nodes wait for that by their own clock, which `passTime` does not move. */
  async finalize(requestId: bigint): Promise<void> {
    const hash = await this.#requester.writeContract({ ...this.#oracle, functionName: 'finalize', args: [requestId] });
    await waitForReceipt(this.client, hash);
  }

  request(requestId: bigint) {
    return this.client.readContract({ ...this.#oracle, functionName: 'request', args: [requestId] });
  }

  assertion(requestId: bigint) {
    return this.client.readContract({ ...this.#oracle, functionName: 'assertion', args: [requestId] });
  }

  requestCount(): Promise<bigint> {
    return this.client.readContract({ ...this.#oracle, functionName: 'requestCount' });
  }

  /** The model roots that operators attested for a version, oldest first. */
  async attestedRoots(versionId: bigint): Promise<Hex[]> {
    const enrolled = await this.client.getContractEvents({
      address: this.deployment.addresses.operatorRegistry,
      abi: operatorRegistryAbi,
      eventName: 'Enrolled',
      args: { versionId },
      fromBlock: 0n,
    });
    return enrolled.map(({ args }) => args.modelRoot!);
  }

  /** What stands behind answers of `operator`, in wei. */
  async lockedStakeOf(operator: Address): Promise<bigint> {
    const { locked } = await this.client.readContract({
      address: this.deployment.addresses.operatorRegistry,
      abi: operatorRegistryAbi,
      functionName: 'operator',
      args: [operator],
    });
    return locked;
  }

  /** The signed transaction that answered a request, as anybody may have kept it. */
  async signedAnswerTo(requestId: bigint): Promise<Hex> {
    const [answer] = await this.client.getContractEvents({
      ...this.#oracle,
      eventName: 'OutputAsserted',
      args: { requestId },
      fromBlock: 0n,
    });
    const params = [answer!.transactionHash];
    return this.client.request({ method: 'eth_getRawTransactionByHash' as never, params: params as never });
  }

  labelOf(requestId: bigint): Promise<bigint> {
    return this.client.readContract({
      address: this.reader,
      abi: digitReaderAbi,
      functionName: 'labelOf',
      args: [requestId],
    });
  }

  /** Everything the oracle ever said, oldest first. */
  async oracleEvents() {
    const logs = await this.client.getLogs({ address: this.#oracle.address, fromBlock: 0n, toBlock: 'latest' });
    return parseEventLogs({ abi: inferenceOracleAbi, logs });
  }

  get #models() {
    return { address: this.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  }

  get #oracle() {
    return { address: this.deployment.addresses.inferenceOracle, abi: inferenceOracleAbi } as const;
  }
}

function publishVersion(
  publisher: Wallet,
  modelRegistry: Address,
  fileHash: Hex,
  io: Bounds,
  familyId = 1n,
  assets: readonly Address[] = [],
  modelRoot: Hex = zeroHash,
): Promise<Hex> {
  return publisher.writeContract({
    address: modelRegistry,
    abi: modelRegistryAbi,
    functionName: 'publishVersion',
    args: [
      {
        familyId,
        fileHash,
        modelRoot,
        weightsRoot: fileHash,
        metadataHash: zeroHash,
        metadataURI: '',
        licence: 'MIT',
        io,
        prices: [zeroAddress, ...assets].map((asset) => ({ asset, amount: PRICE })),
      },
    ],
  });
}

import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  concat,
  encodeDeployData,
  getContractAddress,
  type Hex,
  keccak256,
  type PublicClient,
  size,
  slice,
  type Transport,
  type WalletClient,
} from 'viem';
import type { ContractAddresses, Deployment } from './deployment.js';
import {
  auditsAbi,
  auditsBytecode,
  disputeGameAbi,
  disputeGameBytecode,
  fixedPriceOfferingBytecode,
  inferenceOracleAbi,
  inferenceOracleBytecode,
  modelRegistryAbi,
  modelRegistryBytecode,
  modelTokenBytecode,
  offeringFactoryAbi,
  offeringFactoryBytecode,
  operatorRegistryAbi,
  operatorRegistryBytecode,
  revenueRouterAbi,
  revenueRouterBytecode,
  stepVerifierBytecode,
  vestingEscrowBytecode,
} from './generated/index.js';
import type { Parameters } from './parameters.js';
import { waitForReceipt } from './wait-for-receipt.js';

export interface DeployOptions {
  client: PublicClient;
  /** Its account must send nothing else meanwhile: contracts know each other by addresses computed from its nonces. */
  wallet: WalletClient<Transport, Chain, Account>;
  parameters: Parameters;
  /** Receives the protocol's share of fees, but for what pays for audits. */
  protocolTreasury: Address;
  /** Further accounts that start non-sharing in every token, such as Uniswap's PoolManager. */
  nonSharing?: Address[];
}

/** Units of an ERC-20 that travel to the factory and back when an offering in that currency is created. */
const PROBE_AMOUNT = 10_000n;
/** EIP-170's limit less the zero byte a data contract starts with. */
const DATA_CONTRACT_BYTES = 24_575;
const DATA_CONTRACT_LOADER = '0x600b5981380380925939f300';
const STEPS = [
  'tokenCodeHead',
  'tokenCodeTail',
  'offeringImplementation',
  'escrowImplementation',
  'modelRegistry',
  'revenueRouter',
  'offeringFactory',
  'operatorRegistry',
  'inferenceOracle',
  'stepVerifier',
  'disputeGame',
  'audits',
] as const;
type Step = (typeof STEPS)[number];

/**
 * Deploys everything, in order, from one account. The account must be fresh or have been interrupted in this very function
 * with the same parameters: then it goes on where it was.
 */
export async function deploy({
  client,
  wallet,
  parameters,
  protocolTreasury,
  nonSharing = [],
}: DeployOptions): Promise<Deployment> {
  const deployer = wallet.account.address;
  const at = Object.fromEntries(
    STEPS.map((step, nonce) => [step, getContractAddress({ from: deployer, nonce: BigInt(nonce) })]),
  ) as Record<Step, Address>;
  const creationCode = creationCodes(at, parameters, protocolTreasury, nonSharing);

  const done = await client.getTransactionCount({ address: deployer });
  for (const step of STEPS.slice(done)) {
    const hash = await wallet.sendTransaction({ data: creationCode[step], nonce: STEPS.indexOf(step) });
    const { status } = await waitForReceipt(client, hash);
    if (status !== 'success') throw new Error(`Deploying ${step} reverted (transaction ${hash}).`);
  }
  for (const step of STEPS) {
    if ((await client.getCode({ address: at[step] })) === undefined) {
      throw new Error(`${step} is not at ${at[step]}: account ${deployer} has been used for something else.`);
    }
  }

  const genesis = await client.getBlock({ blockNumber: 0n });
  return {
    chainId: await client.getChainId(),
    genesisHash: genesis.hash,
    startBlock: 0n,
    deployer,
    protocolTreasury,
    addresses: pickAddresses(at),
    parameters,
  };
}

function creationCodes(
  at: Record<Step, Address>,
  { registry, protocolBps, offering, oracle, operators, audits }: Parameters,
  protocolTreasury: Address,
  nonSharing: Address[],
): Record<Step, Hex> {
  const code = (abi: Abi, bytecode: Hex, ...args: unknown[]) => encodeDeployData({ abi, bytecode, args });
  const [head, tail] = splitTokenCode();
  return {
    tokenCodeHead: dataContract(head),
    tokenCodeTail: dataContract(tail),
    offeringImplementation: fixedPriceOfferingBytecode,
    escrowImplementation: vestingEscrowBytecode,
    modelRegistry: code(
      modelRegistryAbi,
      modelRegistryBytecode,
      { ...registry, protocolBps },
      at.offeringFactory,
      at.operatorRegistry,
    ),
    revenueRouter: code(revenueRouterAbi, revenueRouterBytecode, at.modelRegistry, protocolBps, at.audits),
    offeringFactory: code(
      offeringFactoryAbi,
      offeringFactoryBytecode,
      at.modelRegistry,
      {
        offeringImplementation: at.offeringImplementation,
        escrowImplementation: at.escrowImplementation,
        tokenCodeHead: at.tokenCodeHead,
        tokenCodeTail: at.tokenCodeTail,
        tokenCodeHash: keccak256(modelTokenBytecode),
      },
      offering,
      PROBE_AMOUNT,
      nonSharing,
    ),
    operatorRegistry: code(
      operatorRegistryAbi,
      operatorRegistryBytecode,
      operators,
      at.modelRegistry,
      at.inferenceOracle,
      at.audits,
    ),
    inferenceOracle: code(
      inferenceOracleAbi,
      inferenceOracleBytecode,
      oracle,
      at.modelRegistry,
      at.revenueRouter,
      at.operatorRegistry,
      at.disputeGame,
    ),
    stepVerifier: stepVerifierBytecode,
    disputeGame: code(disputeGameAbi, disputeGameBytecode, at.inferenceOracle, at.stepVerifier),
    audits: code(auditsAbi, auditsBytecode, audits, at.inferenceOracle, protocolTreasury),
  };
}

/** In two halves, so that each fits a contract whatever the compiler's settings make of the whole. */
function splitTokenCode(): [Hex, Hex] {
  const middle = Math.ceil(size(modelTokenBytecode) / 2);
  return [slice(modelTokenBytecode, 0, middle), slice(modelTokenBytecode, middle)];
}

/** Creation code of a contract whose code is a zero byte and then `data`; see DataContract.sol. */
function dataContract(data: Hex): Hex {
  if (size(data) > DATA_CONTRACT_BYTES) throw new Error(`${size(data)} bytes do not fit one contract.`);
  return concat([DATA_CONTRACT_LOADER, data]);
}

function pickAddresses(at: Record<Step, Address>): ContractAddresses {
  const { modelRegistry, revenueRouter, offeringFactory, operatorRegistry, inferenceOracle, disputeGame, audits } = at;
  return { modelRegistry, revenueRouter, offeringFactory, operatorRegistry, inferenceOracle, disputeGame, audits };
}

import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  encodeFunctionData,
  http,
} from 'viem';
import { startAnvil, type Anvil } from '@openimo/chain';
import { stepVerifierAbi, stepVerifierBytecode, waitForReceipt } from '@openimo/contracts';
import { chunkAt, elementProof, encodeReads, toHex } from '@openimo/donnx';
import type { CommittedModel, CommittedTrace, ElementProof, Hash } from '@openimo/donnx';

/** One element of one step, by the chunk that it is in. */
export interface Place {
  readonly node: number;
  readonly chunkIndex: number;
  /** Position within the chunk. */
  readonly element: number;
}

/** What the verifier is asked, as the chain takes it. */
export interface Question {
  readonly model: CommittedModel;
  readonly traceRoot: Hash;
  readonly place: Place;
  readonly proof: ElementProof;
  /** Where it is not that of `proof`. */
  readonly reads?: Uint8Array;
  readonly descriptor?: Uint8Array;
}

/** The verifier's answer, or the name of the error by which it refused to give one. */
export type Verdict = 'right' | 'wrong' | `refused: ${string}`;

/** The compiled StepVerifier on a chain of its own. */
export class StepJudge {
  private constructor(
    private readonly anvil: Anvil,
    private readonly account: Address,
    readonly address: Address,
  ) {}

  /** Calldata costs what it does since Prague (EIP-7623). */
  static async start(): Promise<StepJudge> {
    const anvil = await startAnvil({ args: ['--hardfork', 'prague'] });
    const { client } = anvil.chain;
    const [account] = (await client.request({ method: 'eth_accounts' as never })) as Address[];
    const wallet = createWalletClient({ account: account!, chain: client.chain, transport: http(anvil.rpcUrl) });
    const hash = await wallet.deployContract({ abi: stepVerifierAbi, bytecode: stepVerifierBytecode });
    const { contractAddress } = await waitForReceipt(client, hash);
    return new StepJudge(anvil, account!, contractAddress!);
  }

  async ask(question: Question): Promise<Verdict> {
    const { client } = this.anvil.chain;
    const call = {
      abi: stepVerifierAbi,
      address: this.address,
      functionName: 'isWrong',
      args: argsOf(question),
    } as const;
    try {
      return (await client.readContract(call)) ? 'wrong' : 'right';
    } catch (error) {
      const revert =
        error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
      if (!(revert instanceof ContractFunctionRevertedError)) throw error;
      return `refused: ${revert.data?.errorName ?? revert.signature ?? revert.shortMessage}`;
    }
  }

  /** Gas of a whole transaction that asks, and bytes of its calldata. */
  async cost(question: Question): Promise<{ gas: number; bytes: number }> {
    const { client } = this.anvil.chain;
    const data = encodeFunctionData({ abi: stepVerifierAbi, functionName: 'isWrong', args: argsOf(question) });
    const wallet = createWalletClient({
      account: this.account,
      chain: client.chain,
      transport: http(this.anvil.rpcUrl),
    });
    const hash = await wallet.sendTransaction({ to: this.address, data, gas: 1_000_000n });
    const { gasUsed, status } = await waitForReceipt(client, hash);
    if (status !== 'success') throw new Error(`The proof about step ${question.place.node} reverted.`);
    return { gas: Number(gasUsed), bytes: (data.length - 2) / 2 };
  }

  stop(): Promise<void> {
    return this.anvil.stop();
  }
}

function argsOf({ model, traceRoot, place, proof, reads, descriptor }: Question) {
  const { constRoot, nodesHeight, constantsHeight } = model.commitment;
  const evidence = {
    traceRoot: toHex(traceRoot),
    constRoot: toHex(constRoot),
    nodesHeight: BigInt(nodesHeight),
    constantsHeight: BigInt(constantsHeight),
    node: BigInt(place.node),
    chunkIndex: BigInt(place.chunkIndex),
  };
  const elementProof = {
    chunk: toHex(proof.chunk),
    element: BigInt(proof.element),
    hint: BigInt(proof.hint),
    reads: toHex(reads ?? encodeReads(proof.reads)),
  };
  return [evidence, toHex(descriptor ?? model.descriptors[place.node]!), elementProof] as const;
}

/** The question whether one element is wrong, of whom commits `chunk` there and is honest about everything before. */
export function questionOf(
  model: CommittedModel,
  honest: CommittedTrace,
  place: Place,
  chunk = chunkAt(honest.trace[place.node]!, place.chunkIndex),
): Question {
  const { node, chunkIndex, element } = place;
  const proof = elementProof(model, honest, node, chunk, chunkIndex, element, (step) => honest.tree.path(step));
  return { model, traceRoot: honest.root, place, proof };
}

import { BaseError, ContractFunctionRevertedError, type Address, createWalletClient, http } from 'viem';
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
    readonly address: Address,
  ) {}

  static async start(): Promise<StepJudge> {
    const anvil = await startAnvil();
    const { client } = anvil.chain;
    const [account] = (await client.request({ method: 'eth_accounts' as never })) as Address[];
    const wallet = createWalletClient({ account: account!, chain: client.chain, transport: http(anvil.rpcUrl) });
    const hash = await wallet.deployContract({ abi: stepVerifierAbi, bytecode: stepVerifierBytecode });
    const { contractAddress } = await waitForReceipt(client, hash);
    return new StepJudge(anvil, contractAddress!);
  }

  async ask({ model, traceRoot, place, proof, reads, descriptor }: Question): Promise<Verdict> {
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
    try {
      const wrong = await this.anvil.chain.client.readContract({
        abi: stepVerifierAbi,
        address: this.address,
        functionName: 'isWrong',
        args: [evidence, toHex(descriptor ?? model.descriptors[place.node]!), elementProof],
      });
      return wrong ? 'wrong' : 'right';
    } catch (error) {
      const revert =
        error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
      if (!(revert instanceof ContractFunctionRevertedError)) throw error;
      return `refused: ${revert.data?.errorName ?? revert.signature ?? revert.shortMessage}`;
    }
  }

  stop(): Promise<void> {
    return this.anvil.stop();
  }
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

import type { Deployment } from '@openimo/contracts';
import type {
  Abi,
  Address,
  ContractEventName,
  ContractFunctionArgs,
  ContractFunctionName,
  GetContractEventsParameters,
  GetContractEventsReturnType,
  ReadContractParameters,
  ReadContractReturnType,
} from 'viem';
import type { Session } from './session.js';

type View = 'pure' | 'view';

/** The chain as it was at one block: whatever happens meanwhile, reads and events belong together. */
export interface Snapshot {
  readonly deployment: Deployment;
  getBalance(address: Address): Promise<bigint>;
  readContract<
    const abi extends Abi | readonly unknown[],
    name extends ContractFunctionName<abi, View>,
    const args extends ContractFunctionArgs<abi, View, name>,
  >(
    call: ReadContractParameters<abi, name, args>,
  ): Promise<ReadContractReturnType<abi, name, args>>;
  /** Everything since the deployment. */
  getContractEvents<const abi extends Abi | readonly unknown[], name extends ContractEventName<abi> | undefined>(
    filter: GetContractEventsParameters<abi, name>,
  ): Promise<GetContractEventsReturnType<abi, name>>;
}

export async function takeSnapshot({ client, deployment }: Session): Promise<Snapshot> {
  const blockNumber = await client.getBlockNumber();
  const range = { fromBlock: deployment.startBlock, toBlock: blockNumber };
  return {
    deployment,
    getBalance: (address) => client.getBalance({ address, blockNumber }),
    readContract: (call) => client.readContract({ ...call, blockNumber } as never),
    getContractEvents: (filter) => client.getContractEvents({ ...filter, ...range } as never),
  };
}

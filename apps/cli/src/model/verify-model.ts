import { modelRegistryAbi } from '@openimo/contracts';
import { commitFile, toHex } from '@openimo/donnx';
import { DomainError } from '@openimo/domain';
import { zeroHash } from 'viem';
import { readLocalFile } from '../input/local-file.js';
import type { Session } from '../session/session.js';
import type { Output } from '../ui/output.js';

/** What a file is on-chain, recomputed from its bytes alone. */
export interface ModelRoots {
  readonly sha256: string;
  readonly graphRoot: string;
  readonly constRoot: string;
  readonly modelRoot: string;
  readonly steps: number;
  readonly outNode: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/**
 * Recomputes the roots of a model and compares them with a published version's. Refuses files outside of the profile,
 * naming the node and the remedy.
 *
 * @throws DomainError `RootsDiffer` when the version was published with others
 */
export async function verify(
  output: Output,
  file: string,
  published?: { readonly session: Session; readonly versionId: bigint },
): Promise<void> {
  const roots = rootsOf(await readLocalFile(file));
  const verdict = published && (await compareWithChain(roots, published.session, published.versionId));
  if (output.json) return output.result({ ...roots, ...verdict });
  output.fact('sha256', roots.sha256);
  output.fact('graph root', roots.graphRoot);
  output.fact('weights', roots.constRoot);
  output.fact('model root', roots.modelRoot);
  output.fact('steps', `${roots.steps}, in range for every input; the answer is step ${roots.outNode}`);
  output.fact('bytes', `${roots.inputBytes} in, ${roots.outputBytes} out`);
  if (!verdict) return;
  if (verdict.disputable) output.line(`Version ${verdict.versionId} is this file, and its roots are these.`);
  else
    output.line(`Version ${verdict.versionId} is this file. It was published without roots, so nobody can dispute it.`);
}

function rootsOf(file: Uint8Array): ModelRoots {
  const { commitment, modelRoot } = commitFile(file);
  const { fileHash, graphRoot, constRoot, nodeCount: steps, outNode, inputBytes, outputBytes } = commitment;
  const hashes = { sha256: toHex(fileHash), graphRoot: toHex(graphRoot), constRoot: toHex(constRoot) };
  return { ...hashes, modelRoot: toHex(modelRoot), steps, outNode, inputBytes, outputBytes };
}

async function compareWithChain(roots: ModelRoots, { client, deployment }: Session, versionId: bigint) {
  const version = await client.readContract({
    address: deployment.addresses.modelRegistry,
    abi: modelRegistryAbi,
    functionName: 'version',
    args: [versionId],
  });
  const disputable = version.modelRoot !== zeroHash;
  const differing = [
    ...(version.fileHash === roots.sha256 ? [] : [`file ${version.fileHash}`]),
    ...(!disputable || version.modelRoot === roots.modelRoot ? [] : [`model root ${version.modelRoot}`]),
  ];
  if (differing.length > 0) {
    throw new DomainError(
      'RootsDiffer',
      `Version ${versionId} was published with ${differing.join(' and ')}; this is another model. Do not serve it as that version.`,
      { data: { versionId: String(versionId), published: differing, ...roots } },
    );
  }
  return { versionId: String(versionId), disputable };
}

// Gas of GeneratedContent, whole transactions: a prompt of 24 bytes and a text of 40. What is measured is the second token, so
// that nothing but its own slots is new.
import { keccak256, parseEther, toHex, zeroAddress } from 'viem';
import { withChain } from './chain.mjs';
import { deploy, newest } from './oracle.gas.mjs';

const HOUR = 3_600;
const COMMIT_DELAY = 60;
const ROOT = toHex(2, { size: 32 });
const SALT = toHex(5, { size: 32 });

/** @returns {Promise<{ name: string, gas: number, bar: null, peers: Record<string, number> }[]>} */
export async function rows() {
  const measured = await withChain(measure);
  return Object.entries(measured).map(([name, gas]) => ({ name, gas, bar: null, peers: {} }));
}

async function measure(chain) {
  const stack = await deploy(chain);
  const [deployer, minter, operator] = await Promise.all(
    ['deployer', 'minter', 'operator'].map((name) => chain.account(name)),
  );
  await chain.gas(deployer, stack.registry, 'publishVersion', [writer()]);
  await chain.gas(operator, stack.operators, 'register', [''], parseEther('10'));
  await chain.gas(operator, stack.operators, 'enrol', [2n, ROOT]);
  const till = await chain.deploy(deployer, 'src/revenue/Till.sol:Till', [stack.router.address, 1n]);
  const content = await chain.deploy(deployer, 'src/token/GeneratedContent.sol:GeneratedContent', [
    ...['Written', 'WRITTEN', stack.oracle.address, 2n, till.address, 500n, COMMIT_DELAY],
  ]);
  await chain.skip(2 * HOUR);
  await mintAndVerify(chain, stack.oracle, content, { minter, operator }, 'a');
  return mintAndVerify(chain, stack.oracle, content, { minter, operator }, 'b');
}

/** One token from its commitment to its verified text. */
async function mintAndVerify(chain, oracle, content, { minter, operator }, letter) {
  const [prompt, text] = [toHex(letter.repeat(24)), toHex(letter.repeat(40))];
  const gas = {};
  const commitment = await chain.read(content, 'commitmentOf', [minter.account.address, prompt, SALT]);
  gas['content.commit'] = await chain.gas(minter, content, 'commit', [commitment]);
  await chain.skip(COMMIT_DELAY + 1);
  const price = await chain.read(content, 'price');
  gas['content.mint'] = await chain.gas(minter, content, 'mint', [prompt, SALT], price);
  const id = await newest(chain, oracle);
  await chain.test.mine({ blocks: 2 });
  await chain.gas(operator, oracle, 'assertOutputs', [id, [text]]);
  gas['content.deliver'] = await chain.gas(minter, oracle, 'deliver', [id, [text], '0x']);
  await chain.skip(26 * HOUR);
  await chain.gas(minter, oracle, 'finalize', [id]);
  if (!(await chain.read(content, 'verify', [prompt, text, '0x']))) throw new Error('The text is not verified.');
  gas['content.verify'] = await chain.gas(minter, content, 'verify', [prompt, text, '0x']);
  if ((await chain.read(content, 'tokenId', [prompt])) !== BigInt(keccak256(prompt))) throw new Error('Another token.');
  return gas;
}

/** A version that reads 64 bytes and writes 40 at most. */
function writer() {
  return {
    familyId: 1n,
    fileHash: toHex(1, { size: 32 }),
    modelRoot: ROOT,
    weightsRoot: toHex(6, { size: 32 }),
    metadataHash: toHex(4, { size: 32 }),
    metadataURI: '',
    licence: 'MIT',
    io: { minInput: 1, maxInput: 63, minOutput: 0, maxOutput: 40, context: 64 },
    prices: [{ asset: zeroAddress, amount: parseEther('0.0001') }],
  };
}

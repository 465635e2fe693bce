import type { Hex } from '@openimo/domain';

/** Written by `vectors/write-output-hashes.mjs`: the executor's answers, by vector. */
export const OUTPUT_HASHES: Readonly<Record<string, Hex>> = {
  'MatMulInteger: one row, weights in [-64, 63]': '0xab2502733ec6fab841f0bc784859aa882fe41b1e4ad7707d6123c7daf201a20d',
  'MatMulInteger: long rows, a zero point': '0x3a6f0c1bb03c3872b9397e285df7f4e46fd683fcb078e70f600fb135b97811ac',
  'MatMulInteger: unsigned weights, both zero points':
    '0x44da64264b68983d9358904addbad33c94bca63c11171309411f010ebcaf5e36',
  'MatMulInteger: signed operands': '0x59e0ace6651cda1596e905c13031a6c04f8ae5f936f437c6e7db927bb55251cb',
  'MatMulInteger: activations by activations, in batches':
    '0xab79cc15876ec11b33a314c5743fdf90446cc20a3b454673fc4f445f1e5c998c',
  'QLinearMatMul: a scale per column': '0xa58ff6f137a1e5c04a7a9c376ad3ca35500bc6c6b943325f3eb728fb0b8a6b3c',
  'QLinearMatMul: results that saturate': '0x3ad28fba1156f0215fe0f54a1c66809e255a3fbb5f93523c2e97f916cae60c48',
  'QLinearConv: two axes, pads that differ, strides, a scale and a bias per channel':
    '0xb1c9aef4dbccb55c5a77545eb6c888b222ef7f9b74b403dfe5cc6ed01b8687fa',
  'QLinearConv: signed weights, a group per channel, dilated':
    '0x6199049997f8d37e24c3675218ca4224b124dbde5acc20eda19b3a9b0006244b',
  'QLinearConv: one axis': '0x60e53a396efdc994b75345bdd1988a02efb5dcc43c31c4ce2970068e4ecf3c9b',
  'ConvInteger: unsigned weights and zero points': '0xdc44b564f0236f1beaa0dd118b820093374a2418534c7fe69a92caaf95cc8f2b',
  'com.microsoft.QGemm: transposed weights and a bias, to bytes':
    '0x0fb9713f0dc0feb348e3e11546dd73b0536b41944c9c4c970dcfdab4ace58be7',
  'com.microsoft.QGemm: to float32, a scale per column':
    '0x6a13426698a477bc71b7e0ea55bb6cdf11aefcf4f11660dedc811da12f959b5c',
  'ReduceSum: of INT32, over two axes': '0xb4fd1087fdcc926d104475c81ab16e0260d8d4c3a95fd7d61b1efcb50a147625',
  'ReduceSum: of float32 that holds integers, in any order':
    '0xbc4ac03de273f9b03dcdda3af1010ecac0b988511d933ad3c800ab26dd7a5bc6',
  'ReduceSumSquare: of INT32': '0x04004e6be93610ac8e54bce7968dc45940f5b14d3e47651d6a2a0014df89cb16',
  'ReduceMax: of INT32 and of float32': '0x34611528aa43d2cf01274c56a7519ab74af5960f3e80ad0456733cc057b53607',
  'ArgMax: the first of equals': '0xf9d86744f4d597aa9bec29d2596a58268e018bccab0c33c657df9fdca6ae271f',
  'Add: float32 of many sizes, along the last axis':
    '0x0b811ff6f41ce1789c3dee1bed69fa9d8ff8d5edf871984b77f539be8cd233cc',
  'Add: INT32': '0x8e08777ff4c47ed45cc7c258bf2b5b138bcf0309b937855cc13dbad4804e7286',
  'Sub: float32, close to each other': '0x94b10802d11e010c85ec6c45cc07d0149b4a0b7ea50317ff3eb637b8ec4357e2',
  'Sub: INT32': '0x4933318e79a3e4690bc815663dda87e8bccbd030a51fc09ccbfb4eb5f1a43d75',
  'Mul: float32 fractions': '0x3077fcaaa4666cd6f745bc63b258be5229a53f6f8f18e9536d01d1ab1f9edf12',
  'Mul: float32 below the normal numbers': '0x4bcb360b1b07187b9b7ec4e58cfcc86b696a0c1e2c1b74e6fc0e6073d6558785',
  'Mul: INT32': '0x616c732a71aca0c046b732f8210b85f46de15241797f40667fe4feb607a7247f',
  'Div: float32 by fractions': '0xda622197bbcc256519984b5a5180831864fe2126b546ee787cd513d0f56d6ca9',
  'Div: float32 to below the normal numbers': '0xb7901f2ca71ab1cc2338180c0a9e3ab246b86d443bcfdbfd774cec0a0f19ff42',
  'Div: INT32, towards zero': '0x6273c9de95441dfc4f359b638295b7e6a949d0ff2262112ba3871eb43f16c47c',
  'Round: halves of either sign': '0xa9b5fdd04d8e6ba5950b2662e7283f04cdb01d8f37ae23beb5c78a969e8e7ae6',
  'Floor: halves of either sign': '0x9561ca501a5a7c184f60e3b6fd6b8231a5f7b0d7708089c64be8e0eaa361ada7',
  'Ceil: halves of either sign': '0xe33bec521038b8ee206cd61942216234c22a6570e8bbee0f1cd6d09743df73cf',
  'Relu: halves of either sign': '0x24eb26c741aecbb7d60d2be5ff4aea94545b8208b6c6b018d2454959c0da5cc7',
  'Max: float32 with negatives': '0x6f0d78c3b83b6955989014aa5e35b339c11f35b231e7e44fb99bb91d7485d6a4',
  'Max: INT32': '0xa0cb6c3b119c0a076064a8198bb3b7acba402251a703319d56b82f03ef94243d',
  'Min: float32 with negatives': '0x24de8af6c742a05fa3b9077e717ef6ad07bb72692cf9d64cc6f1695818f89e40',
  'Min: INT32': '0xa7595775d96744b864b511fd7467de0c0350e443cfd848574179f5e1195318aa',
  'Clip: float32, INT32 and bytes': '0x76b83a27f22f94267464b98c2a36a6c268adef6f8c208d1253196ad3e1407b0e',
  'Where: float32 and INT32, by a value': '0xe81d37995f82c954826bcbf6d574be02f76faf81aaf7725e91f3728689bcc6f0',
  'Cast: between all types': '0x8274d980fe2027f82062ab50ec5c9ea2755ea846735afe0aa77f5dc7b9485266',
  'QuantizeLinear: ties, and beyond what a byte holds':
    '0xb6fd9d79985ed8fa98ad2ee66d61078ab6eb018aab5d5ac0ad231749415b794a',
  'QuantizeLinear: a scale per channel': '0x2ed3f8bdbeb6a6e5f788788b19ee81aa9797725807cc91d94ae1c5be0d4049d8',
  'DequantizeLinear: bytes and signed bytes': '0xd711c10fb2955c7464a145b4721c6037cd0db3fc7a68556788cbaba6fe2f3a97',
  'GatherElements: a table of 256 entries, by bytes':
    '0xead7993457a9b005b5466c6f998046cf3d2bbcf4457b994309f24f1f6aabf312',
  'Gather: rows of a table, and columns': '0xa84cb0a85b627e1041169100aee5e752869e5320ecdf782c8c46afd664e090d4',
  'Reshape: with an axis left open': '0x5e99215ea9f934eac1f537548696f53abe08a95c11c24acadfbc7e33596f6d91',
  'Transpose: bytes and float32, four axes': '0x1fa2d9e4b9ab662d3ec31e144fa08a4cdbb3ff2a3a6a2cc0871ca96552335e52',
  'Split: unequal parts': '0xcfd9824ef546ccdd10058e339baeffa043a548a6619b15f0dc90956c96dfb3a0',
  'Slice: with steps, backwards and from the end': '0x393845994b058da25267aa8fefcfcac3f6884fd966a670c76652a2f3825946db',
  'Concat: along the middle, with weights': '0x46e9e0b8491bf401c903bf5bcfe26a38ff8867e93f5f5404189e607638eba82d',
  'Expand: by a new axis and one of one': '0x23bfe8c6a250a6eb2fe48d3add147f737291be128d3e0ba0cb22d17bdb1c5ebf',
  'Squeeze: and back': '0x8c93abb170525040dccf26d1fa177590da1c20fa82fff4bfe7d7c5b3bc108367',
  'Unsqueeze: two axes': '0xaa16f0ac333cd7b0f1a9b3a745e53528a163d865541d0e262d755e8a6377e1f3',
  'Identity: of bytes': '0xb6884e3ed53277e05a94fc14b3619957b5f0861568e058ae207419aa25162fdd',
  'Pad: bytes with a number, float32 with zero': '0x7f6d465b4ffc0c91b3006e585639f4f4c74f510018616b2d077080521e719fab',
  'MaxPool: overlapping windows with pads': '0x80cf48a9ac950a3915c5d78929441bd7970dcfee2a846d319772e1d52e1f554e',
  'MaxPool: one axis': '0x7e6495afc2abcfb34c5b06445f79c4ebf76c16e01c5cdbf4972b2ed42297868b',
};

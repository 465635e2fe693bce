import { ioSchema } from './io-schema.js';

it('ioSchema is the metadata response of the Open Inference Protocol', () => {
  const description = {
    sha256: '0x00' as const,
    inputs: [{ name: 'pixels', datatype: 'UINT8' as const, shape: [1, 64] }],
    outputs: [{ name: 'label', datatype: 'INT64' as const, shape: [1] }],
    inputBytes: 64,
    outputBytes: 8,
  };

  expect(ioSchema('digits', ['1'], description)).toEqual({
    name: 'digits',
    versions: ['1'],
    platform: 'onnx_onnxruntime',
    inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 64] }],
    outputs: [{ name: 'label', datatype: 'INT64', shape: [1] }],
  });
});

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {MerkleRange} from "./MerkleRange.sol";
import {StepDescriptor} from "./StepDescriptor.sol";

/// @title StepReads
/// @notice Hands out the reads of a proof one after another, each proven to be what the operator or the model committed there.
/// @dev What is read and where follows from the step and the element. The proof adds bytes and siblings only, and what the trees
/// are high comes from the descriptor and the model, so there is one proof of a read and no choice in it.
library StepReads {
    uint256 private constant HEADER_BYTES = 3;

    struct Reads {
        IStepVerifier.Evidence evidence;
        /// Where the next read begins and where the last one ends, in calldata.
        uint256 next;
        uint256 end;
        uint256 start;
    }

    function over(
        IStepVerifier.Evidence memory evidence,
        bytes calldata packed
    ) internal pure returns (Reads memory reads) {
        uint256 start;
        assembly ("memory-safe") {
            start := packed.offset
        }
        return Reads(evidence, start, start + packed.length, start);
    }

    /// @notice The next read: `size` bytes from byte `position` of the tensor that operand `index` is a view of.
    function take(
        Reads memory reads,
        StepDescriptor.Operand memory source,
        uint256 index,
        int256 position,
        uint256 size
    ) internal pure returns (bytes calldata) {
        if (position < 0) revert IStepVerifier.StepVerifier_AddressBelowZero(index, position);
        uint256 from = uint256(position) % MerkleRange.CHUNK;
        bytes calldata data = _committed(reads, source, index, uint256(position) / MerkleRange.CHUNK);
        // All of the chunks touched, and no others: the tensor's last one may be shorter, but not than the read.
        uint256 chunks = (from + size + MerkleRange.CHUNK - 1) / MerkleRange.CHUNK;
        if (data.length < from + size || data.length > chunks * MerkleRange.CHUNK) {
            revert IStepVerifier.StepVerifier_WrongReadLength(index, from, from + size, data.length);
        }
        return data[from:from + size];
    }

    /// @notice Refuses proofs with more than was read.
    function expectUsed(Reads memory reads) internal pure {
        if (reads.next == reads.end) return;
        revert IStepVerifier.StepVerifier_ReadsLeftOver(reads.next - reads.start, reads.end - reads.start);
    }

    /// The next read's chunks, proven to be those from number `first` on.
    function _committed(
        Reads memory reads,
        StepDescriptor.Operand memory source,
        uint256 index,
        uint256 first
    ) private pure returns (bytes calldata data) {
        bytes32 tensorRoot;
        (data, tensorRoot) = _chunks(reads, source.height, first);
        bytes32 root = _rootOver(reads, source, tensorRoot);
        bytes32 expected = source.isConstant ? reads.evidence.constRoot : reads.evidence.traceRoot;
        if (root != expected) revert IStepVerifier.StepVerifier_NotCommitted(index, root, expected);
    }

    /// The next read's chunks and the root of a tensor in which they are those from number `first` on.
    function _chunks(
        Reads memory reads,
        uint256 height,
        uint256 first
    ) private pure returns (bytes calldata data, bytes32 root) {
        bytes calldata header = _cut(reads, HEADER_BYTES);
        data = _cut(reads, uint16(bytes2(header)));
        root = MerkleRange.rootOfChunks(data, first, height, _words(_cut(reads, 32 * uint256(uint8(header[2])))));
    }

    /// The root of the trace or of the constants, of which the operand's tensor root is a leaf.
    function _rootOver(
        Reads memory reads,
        StepDescriptor.Operand memory source,
        bytes32 tensorRoot
    ) private pure returns (bytes32) {
        IStepVerifier.Evidence memory evidence = reads.evidence;
        if (!source.isConstant && source.id >= evidence.node) {
            revert IStepVerifier.StepVerifier_OperandNotBefore(source.id, evidence.node);
        }
        uint256 height = source.isConstant ? evidence.constantsHeight : evidence.nodesHeight;
        return MerkleRange.rootOfLeaf(tensorRoot, source.id, height, _words(_cut(reads, 32 * height)));
    }

    /// The next `size` bytes.
    function _cut(Reads memory reads, uint256 size) private pure returns (bytes calldata part) {
        uint256 from = reads.next;
        if (size > reads.end - from) {
            revert IStepVerifier.StepVerifier_ReadsTruncated(from - reads.start + size, reads.end - reads.start);
        }
        reads.next = from + size;
        // [from, from + size) is within the bytes that `over` was given.
        assembly ("memory-safe") {
            part.offset := from
            part.length := size
        }
    }

    /// Whole words of calldata, wherever they begin.
    function _words(bytes calldata part) private pure returns (bytes32[] calldata words) {
        assembly ("memory-safe") {
            words.offset := part.offset
            words.length := shr(5, part.length)
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title StepVerifier
/// @notice The stateless judge of one element of one step of a dONNX model (libs/donnx/SPEC.md, sections 2, 3, 5 and 6).
/// @dev It recomputes the element from operands that are proven under the operator's own trace root and the model's root of
/// constants. What a descriptor and a chunk are worth is for the caller to know: it has checked, before it asks, that the
/// descriptor is leaf `node` of the model's graph root, and that the chunk is number `chunkIndex` of the tensor that is leaf
/// `node` of `traceRoot`, and has the length that such a chunk has.
///
/// Errors mean that the proof, not the operator, is wrong. Operands outside of what range analysis proves of every honest run
/// (an index beyond its table, a sum beyond INT32, an infinity) are refused likewise: the first wrong element of a trace has
/// honest operands only, so a wrong trace is convicted there. Errors of MerkleRange, SoftFloat32 and IntegerDot mean the same.
interface IStepVerifier {
    /// @notice What a proof is checked against.
    /// @param traceRoot Of the operator's trace.
    /// @param constRoot Of the model's constants.
    /// @param nodesHeight Of the trace's tree. Heights are the model's, never the prover's.
    /// @param constantsHeight Of the tree of constants.
    /// @param node The step whose tensor the chunk is of, from 1.
    /// @param chunkIndex Which 256 bytes of the tensor the chunk is.
    struct Evidence {
        bytes32 traceRoot;
        bytes32 constRoot;
        uint256 nodesHeight;
        uint256 constantsHeight;
        uint256 node;
        uint256 chunkIndex;
    }

    /// @notice That one element of a chunk is wrong.
    /// @param chunk What the operator committed.
    /// @param element Position within the chunk, in elements.
    /// @param hint ArgMax: the position, within the row, of a better element. Otherwise unused.
    /// @param reads The operands' bytes with their proofs, packed, in the order in which the step reads (SPEC.md, section 6). Per
    /// read: number of bytes (2 bytes), number of siblings (1 byte), the bytes, the siblings from the chunks to the tensor's root,
    /// and the siblings from there to `traceRoot` or `constRoot`, as many as that tree is high. The bytes are those of the chunks
    /// that the read touches: which ones follows from the descriptor and the element.
    struct ElementProof {
        bytes chunk;
        uint256 element;
        uint256 hint;
        bytes reads;
    }

    // ---------------------------------------------------------------- the proof points nowhere

    error StepVerifier_ElementOutsideChunk(uint256 element, uint256 elements);
    error StepVerifier_ElementOutsideTensor(uint256 element, uint256 elements);
    error StepVerifier_HintOutsideRow(uint256 hint, uint256 length);

    // ---------------------------------------------------------------- a descriptor that no model has

    error StepVerifier_WrongDescriptorLength(uint256 length, uint256 expected);
    error StepVerifier_WrongRank(uint256 rank);
    error StepVerifier_UnknownDatatype(uint256 datatype);
    /// Step 0 is the input, which nobody computes, and operations end at 22.
    error StepVerifier_NotComputed(uint256 op);
    error StepVerifier_WrongOperands(uint256 op, uint256 operands);
    error StepVerifier_WrongDatatype(uint256 op, uint256 datatype);
    error StepVerifier_WrongLength(uint256 op, uint256 length);
    error StepVerifier_WrongAxis(int256 axis, uint256 rank);
    error StepVerifier_OperandNotBefore(uint256 source, uint256 node);

    // ---------------------------------------------------------------- reads that do not hold

    error StepVerifier_ReadsTruncated(uint256 bytesNeeded, uint256 bytesGiven);
    error StepVerifier_ReadsLeftOver(uint256 bytesUsed, uint256 bytesGiven);
    /// An operand is at a negative address.
    error StepVerifier_AddressBelowZero(uint256 operand, int256 position);
    /// The read is of bytes `from` to `to` of its chunks, of which `given` bytes are there, or more than those chunks have.
    error StepVerifier_WrongReadLength(uint256 operand, uint256 from, uint256 to, uint256 given);
    error StepVerifier_NotCommitted(uint256 operand, bytes32 root, bytes32 expected);

    // ---------------------------------------------------------------- operands that no honest run has

    /// The exact result is none of the datatype's.
    error StepVerifier_OutOfRange(uint256 op, int256 result);
    error StepVerifier_IndexOutOfRange(int256 index, int256 count);
    error StepVerifier_DivisionByZero(int256 dividend);
    /// A float32 to be summed is not an integer below 2^24.
    error StepVerifier_NotAnInteger(uint256 bits);

    /// @notice Whether the element is wrong. False: the operator was right about it.
    function isWrong(
        Evidence calldata evidence,
        bytes calldata descriptor,
        ElementProof calldata proof
    ) external pure returns (bool);
}

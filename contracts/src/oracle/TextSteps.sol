// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {TensorRoot} from "./TensorRoot.sol";

/// @title TextSteps
/// @notice What the answer to a prompt claims, step by step: each step is one run of the model's graph, disputable by itself
/// (libs/donnx/SPEC.md, section 7).
/// @dev In step t the graph reads the prompt, the output before t and zeros up to the context, and says the byte at t. An answer
/// that is shorter than it could be claims one step more than it has bytes: there, that the model ends the text. So an
/// answer that stops too early is as wrong as one with a wrong byte, and is convicted in the same way.
library TextSteps {
    /// The byte that ends a text; the rest of the context is filled with it.
    uint8 internal constant END = 0;

    /// @notice There is no step `step`: the answer claims only `steps`.
    error TextSteps_NoSuchStep(uint256 step, uint256 steps);

    /// @notice How many steps an answer claims.
    /// @param promptBytes Below `context`.
    /// @param outputBytes At most what there is room for.
    /// @param most The most bytes that the version writes.
    function count(
        uint256 promptBytes,
        uint256 outputBytes,
        uint256 most,
        uint256 context
    ) internal pure returns (uint256) {
        uint256 room = context - promptBytes;
        if (room > most) room = most;
        return outputBytes < room ? outputBytes + 1 : room;
    }

    /// @notice Refuses a step that an answer does not claim.
    function requireClaimed(
        uint256 step,
        uint256 promptBytes,
        uint256 outputBytes,
        uint256 most,
        uint256 context
    ) internal pure {
        uint256 steps = count(promptBytes, outputBytes, most, context);
        if (step >= steps) revert TextSteps_NoSuchStep(step, steps);
    }

    /// @notice The input that the graph reads in `step`: the prompt, the output before the step, zeros.
    /// @dev `step` is below `count`, so all of it fits the context.
    function stepInput(
        bytes calldata prompt,
        bytes calldata output,
        uint256 step,
        uint256 context
    ) internal pure returns (bytes memory input) {
        input = new bytes(context);
        // Copies prompt and output into memory that has just been allocated for `context` bytes, of which they are no more.
        assembly ("memory-safe") {
            let to := add(input, 0x20)
            calldatacopy(to, prompt.offset, prompt.length)
            calldatacopy(add(to, prompt.length), output.offset, step)
        }
    }

    /// @notice The byte that the answer says comes in `step`: of its output, or the end behind it.
    function stepOutput(bytes calldata output, uint256 step) internal pure returns (bytes memory) {
        return abi.encodePacked(step < output.length ? uint8(output[step]) : END);
    }

    /// @notice What a dispute of `step` is about: the roots of what the graph reads and of what the answer says it gives.
    function rootsOf(
        bytes calldata prompt,
        bytes calldata output,
        uint256 step,
        uint256 most,
        uint256 context
    ) internal pure returns (bytes32 inputRoot, bytes32 outputRoot) {
        requireClaimed(step, prompt.length, output.length, most, context);
        inputRoot = TensorRoot.ofMemory(stepInput(prompt, output, step, context));
        outputRoot = TensorRoot.ofMemory(stepOutput(output, step));
    }

    /// @notice Whether a byte of `text` is the one that ends texts.
    function endsInside(bytes calldata text) internal pure returns (bool ends) {
        uint256 length = text.length;
        // A byte of a word is zero where subtracting 1 from it borrows and its high bit was clear. The bytes below a zero one can be
        // reported with it, never without one, so the word has a zero byte exactly where anything is reported. The last word's bytes
        // behind the text are set to 1.
        assembly ("memory-safe") {
            let ones := div(not(0), 0xff)
            for {
                let i := 0
            } lt(i, length) {
                i := add(i, 0x20)
            } {
                let word := calldataload(add(text.offset, i))
                let left := sub(length, i)
                if lt(left, 0x20) {
                    let behind := shr(shl(3, left), not(0))
                    word := or(and(word, not(behind)), and(ones, behind))
                }
                ends := or(ends, and(and(sub(word, ones), not(word)), shl(7, ones)))
            }
            ends := iszero(iszero(ends))
        }
    }
}

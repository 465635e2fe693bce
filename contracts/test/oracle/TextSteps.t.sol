// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "../support/Test.sol";
import {TextSteps} from "../../src/oracle/TextSteps.sol";

contract TextStepsTest is Test {
    bytes private constant PROMPT = "once";
    bytes private constant OUTPUT = " upon";

    // ---------------------------------------------------------------- the library, for calls with calldata

    function count(uint256 prompt, uint256 output, uint256 most, uint256 context) external pure returns (uint256) {
        return TextSteps.count(prompt, output, most, context);
    }

    function input(
        bytes calldata prompt,
        bytes calldata output,
        uint256 step,
        uint256 context
    ) external pure returns (bytes memory) {
        return TextSteps.stepInput(prompt, output, step, context);
    }

    function roots(
        bytes calldata prompt,
        bytes calldata output,
        uint256 step,
        uint256 most,
        uint256 context
    ) external pure returns (bytes32, bytes32) {
        return TextSteps.rootsOf(prompt, output, step, most, context);
    }

    function endsInside(bytes calldata text) external pure returns (bool) {
        return TextSteps.endsInside(text);
    }

    // ---------------------------------------------------------------- steps

    function test_an_answer_as_long_as_the_context_allows_claims_a_step_per_byte() public view {
        assertEq(this.count(4, 5, 60, 9), 5, "full context");
        assertEq(this.count(4, 5, 5, 60), 5, "most new bytes");
    }

    function test_a_shorter_answer_claims_the_end_too() public view {
        assertEq(this.count(4, 5, 6, 60), 6, "end after five bytes");
        assertEq(this.count(4, 0, 6, 60), 1, "end at once");
    }

    function test_a_step_reads_the_prompt_the_output_before_it_and_zeros() public view {
        assertEq(this.input(PROMPT, OUTPUT, 0, 12), "once\x00\x00\x00\x00\x00\x00\x00\x00", "first");
        assertEq(this.input(PROMPT, OUTPUT, 3, 12), "once up\x00\x00\x00\x00\x00", "in between");
        assertEq(this.input(PROMPT, OUTPUT, 5, 12), "once upon\x00\x00\x00", "the end");
    }

    function test_a_dispute_of_a_step_is_about_its_input_and_its_byte() public view {
        (bytes32 from, bytes32 to) = this.roots(PROMPT, OUTPUT, 3, 8, 12);
        assertEq(from, leaf("once up\x00\x00\x00\x00\x00"), "input");
        assertEq(to, leaf("o"), "output");
        (from, to) = this.roots(PROMPT, OUTPUT, 5, 8, 12);
        assertEq(from, leaf("once upon\x00\x00\x00"), "input of the end");
        assertEq(to, leaf(hex"00"), "the end");
    }

    function test_what_is_not_claimed_cannot_be_disputed() public {
        vm.expectRevert(abi.encodeWithSelector(TextSteps.TextSteps_NoSuchStep.selector, 6, 6));
        this.roots(PROMPT, OUTPUT, 6, 8, 12);
        vm.expectRevert(abi.encodeWithSelector(TextSteps.TextSteps_NoSuchStep.selector, 5, 5));
        this.roots(PROMPT, OUTPUT, 5, 5, 12);
    }

    function test_a_context_of_several_chunks_has_the_root_of_its_chunks() public view {
        (bytes32 from, ) = this.roots(PROMPT, OUTPUT, 0, 8, 300);
        bytes memory first = bytes.concat(PROMPT, new bytes(252));
        assertEq(from, keccak256(abi.encodePacked(uint8(1), leaf(first), leaf(new bytes(44)))), "root");
    }

    function testFuzz_a_step_reads_what_is_concatenated(
        bytes calldata prompt,
        bytes calldata output,
        uint256 step,
        uint256 more
    ) public view {
        step = bound(step, 0, output.length);
        more = bound(more, 0, 600);
        bytes memory expected = bytes.concat(prompt, output[:step], new bytes(more));
        assertEq(this.input(prompt, output, step, expected.length), expected, "input");
    }

    // ---------------------------------------------------------------- the end inside a text

    function test_no_bytes_have_no_end_inside() public view {
        assertFalse(this.endsInside(""), "empty");
    }

    function testFuzz_an_end_is_found_wherever_it_is_and_only_there(bytes memory text, uint256 seed) public view {
        bool expected;
        for (uint256 i = 0; i < text.length; ++i) {
            // Zeros are rare in random bytes, and bytes 1 and 0x80 are where bit tricks go wrong.
            uint256 dice = uint256(keccak256(abi.encode(seed, i))) % 64;
            if (dice == 0) text[i] = 0;
            else if (dice < 16) text[i] = 0x01;
            else if (dice < 32) text[i] = 0x80;
            if (text[i] == 0) expected = true;
        }
        assertEq(this.endsInside(text) ? 1 : 0, expected ? 1 : 0, "end");
    }

    function testFuzz_one_end_among_equal_bytes_is_found(uint8 value, uint256 length, uint256 at) public view {
        vm.assume(value != 0);
        length = bound(length, 1, 100);
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = bytes1(value);
        }
        assertFalse(this.endsInside(text), "none");
        text[bound(at, 0, length - 1)] = 0;
        assertTrue(this.endsInside(text), "one");
    }

    function leaf(bytes memory chunk) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), chunk));
    }
}

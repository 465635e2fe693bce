// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Vm} from "./Vm.sol";

/// Base of every Solidity test: cheatcodes, assertions that print both sides, and bounded fuzz inputs.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotEqualInt(string what, int256 actual, int256 expected);
    error NotEqualAddress(string what, address actual, address expected);
    error NotEqualBytes32(string what, bytes32 actual, bytes32 expected);
    error NotEqualBytes(string what, bytes actual, bytes expected);
    error NotGreater(string what, uint256 actual, uint256 bound);
    error NotLess(string what, uint256 actual, uint256 bound);
    error NotClose(string what, uint256 actual, uint256 expected, uint256 tolerance);
    error NotTrue(string what);

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqual(what, actual, expected);
    }

    function assertEq(int256 actual, int256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualInt(what, actual, expected);
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualAddress(what, actual, expected);
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualBytes32(what, actual, expected);
    }

    function assertEq(bytes memory actual, bytes memory expected, string memory what) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert NotEqualBytes(what, actual, expected);
    }

    function assertGe(uint256 actual, uint256 bound_, string memory what) internal pure {
        if (actual < bound_) revert NotGreater(what, actual, bound_);
    }

    function assertLe(uint256 actual, uint256 bound_, string memory what) internal pure {
        if (actual > bound_) revert NotLess(what, actual, bound_);
    }

    function assertGt(uint256 actual, uint256 bound_, string memory what) internal pure {
        if (actual <= bound_) revert NotGreater(what, actual, bound_);
    }

    function assertLt(uint256 actual, uint256 bound_, string memory what) internal pure {
        if (actual >= bound_) revert NotLess(what, actual, bound_);
    }

    function assertClose(uint256 actual, uint256 expected, uint256 tolerance, string memory what) internal pure {
        uint256 difference = actual > expected ? actual - expected : expected - actual;
        if (difference > tolerance) revert NotClose(what, actual, expected, tolerance);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function assertFalse(bool condition, string memory what) internal pure {
        if (condition) revert NotTrue(what);
    }

    /// Maps any `value` onto [low, high].
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        uint256 size = high - low;
        if (size == type(uint256).max) return value;
        return low + (value % (size + 1));
    }

    /// A fresh externally owned account with `balance` wei.
    function account(string memory name, uint256 balance) internal returns (address a) {
        a = vm.addr(uint256(keccak256(bytes(name))));
        vm.label(a, name);
        vm.deal(a, balance);
    }

    function skip(uint256 seconds_) internal {
        vm.warp(block.timestamp + seconds_);
    }
}

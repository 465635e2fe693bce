// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// A contract that acts for its owner, and on receiving ETH refuses it, burns all gas, or makes a call of the test's choice.
contract Wallet {
    enum Mood {
        Accepting,
        Refusing,
        BurningGas,
        Calling
    }

    Mood public mood;
    address public target;
    bytes public data;

    bool public called;
    bool public callSucceeded;

    error Refused();

    receive() external payable {
        if (mood == Mood.Refusing) revert Refused();
        if (mood == Mood.BurningGas) {
            while (true) {}
        }
        if (mood != Mood.Calling) return;
        called = true;
        (callSucceeded, ) = target.call(data);
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// From now on every receipt of ETH calls `target_` with `data_`; the outcome of the last is recorded.
    function callOnReceipt(address target_, bytes calldata data_) external {
        (mood, target, data) = (Mood.Calling, target_, data_);
    }

    function act(address to, uint256 value, bytes calldata input) external returns (bytes memory) {
        (bool ok, bytes memory output) = to.call{value: value}(input);
        if (ok) return output;
        assembly ("memory-safe") {
            revert(add(output, 0x20), mload(output))
        }
    }
}

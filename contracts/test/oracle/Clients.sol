// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IAIOracle, IAIOracleCallback} from "../../src/interfaces/IAIOracle.sol";
import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";

/// Remembers what it was told; behaves as badly as it is asked to.
contract Client is IAIOracleCallback {
    enum Behaviour {
        Accept,
        Ignore,
        Revert,
        BurnAllGas,
        RevertWithMegabyte,
        Reenter
    }

    Behaviour public behaviour;
    uint256 public calls;
    uint256 public lastRequestId;
    bytes public lastOutput;
    bytes public lastData;

    address private _target;
    bytes private _call;
    uint256 private _value;
    bool public reentrySucceeded;
    bytes public reentryReturned;

    error Refused(uint256 requestId);

    receive() external payable {}

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// During the next callback, calls `target`.
    function reenter(address target, uint256 value, bytes calldata call) external {
        (behaviour, _target, _value, _call) = (Behaviour.Reenter, target, value, call);
    }

    function run(address target, uint256 value, bytes calldata data) external payable returns (bytes memory returned) {
        bool success;
        (success, returned) = target.call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(returned, 0x20), mload(returned))
            }
        }
    }

    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata callbackData) external {
        if (behaviour == Behaviour.Ignore) return;
        if (behaviour == Behaviour.Revert) revert Refused(requestId);
        if (behaviour == Behaviour.BurnAllGas) {
            assembly {
                invalid()
            }
        }
        if (behaviour == Behaviour.RevertWithMegabyte) {
            assembly {
                // Beyond all that is in use, so that every byte is zero.
                revert(0x10000, 1000000)
            }
        }
        if (behaviour == Behaviour.Reenter) {
            (reentrySucceeded, reentryReturned) = _target.call{value: _value}(_call);
        }
        ++calls;
        (lastRequestId, lastOutput, lastData) = (requestId, output, callbackData);
    }

    function aiOracleCallbackError(uint256, IAIOracle.AIOracleError, bytes calldata, bytes calldata) external {}
}

/// A judge that convicts whom it is told to.
contract TestJudge {
    mapping(uint256 requestId => bool) public hasOpenDispute;

    receive() external payable {}

    function dispute(uint256 requestId) external {
        hasOpenDispute[requestId] = true;
    }

    function acquit(uint256 requestId) external {
        hasOpenDispute[requestId] = false;
    }

    function convict(IInferenceOracle oracle, uint256 requestId, address challenger) external {
        hasOpenDispute[requestId] = false;
        oracle.voidAssertion(requestId, challenger);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IInferenceOracle} from "../../src/interfaces/IInferenceOracle.sol";
import {IOperatorRegistry} from "../../src/interfaces/IOperatorRegistry.sol";

/// Whose turn it is, told from the outside: by what the oracle and the operator registry show to everybody.
library Turns {
    /// True while somebody could answer `requestId` now if it were `operator`.
    function mayAssert(IInferenceOracle oracle, uint256 requestId, address operator) internal view returns (bool) {
        IInferenceOracle.Request memory r = oracle.request(requestId);
        if (r.status != IInferenceOracle.Status.Open || block.timestamp > oracle.deadlineOf(requestId)) return false;
        IOperatorRegistry operators = IOperatorRegistry(oracle.operators());
        if (operators.freeStake(operator) < oracle.bondOf(requestId)) return false;
        bool enrolled = operators.isEnrolled(operator, r.versionId);
        try oracle.drawnOperator(requestId) returns (address privileged, uint256 exclusiveUntil) {
            if (privileged == address(0)) return enrolled;
            if (block.timestamp < exclusiveUntil && privileged != operator) return false;
            // Who was drawn may answer even if it has left since; a challenger has to be enrolled.
            return enrolled || (privileged == operator && oracle.assertion(requestId).round == 0);
        } catch {
            // The draw is not known yet; it binds until its window has passed.
            return enrolled && block.timestamp >= r.requestedAt + oracle.parameters().exclusiveWindow;
        }
    }
}

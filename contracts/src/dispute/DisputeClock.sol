// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IDisputeGame} from "../interfaces/IDisputeGame.sol";

/// @title DisputeClock
/// @notice The chess clocks of a dispute: whose runs, until when, and stopping it.
library DisputeClock {
    /// @notice Whose turn it is and when its time is up.
    /// @param postedAt When the trace was posted; zero while it is not.
    function turn(
        IDisputeGame.Dispute memory self,
        uint256 postedAt
    ) internal pure returns (IDisputeGame.Side side, uint256 deadline) {
        IDisputeGame.Phase phase = self.phase;
        if (phase == IDisputeGame.Phase.AwaitTrace) return _opening(self, postedAt);
        bool challengers = phase == IDisputeGame.Phase.AwaitPick || phase == IDisputeGame.Phase.AwaitProof;
        if (challengers) return (IDisputeGame.Side.Challenger, uint256(self.since) + self.challengerLeft);
        return (IDisputeGame.Side.Operator, uint256(self.since) + self.operatorLeft);
    }

    /// A trace that came too late for this dispute does not stop the operator's clock.
    function _opening(
        IDisputeGame.Dispute memory self,
        uint256 postedAt
    ) private pure returns (IDisputeGame.Side, uint256) {
        uint256 deadline = uint256(self.since) + self.operatorLeft;
        if (postedAt == 0 || postedAt > deadline) return (IDisputeGame.Side.Operator, deadline);
        uint256 start = postedAt > self.since ? postedAt : self.since;
        return (IDisputeGame.Side.Challenger, start + self.challengerLeft);
    }

    /// @notice Stops the clock of `side`, whose move this is, and starts the other's.
    function press(
        IDisputeGame.Dispute memory self,
        bytes32 disputeId,
        IDisputeGame.Side side,
        uint256 postedAt
    ) internal view {
        (IDisputeGame.Side running, uint256 deadline) = turn(self, postedAt);
        if (running != side || block.timestamp > deadline) {
            revert IDisputeGame.DisputeGame_OutOfTime(disputeId, running, deadline);
        }
        // What is left until a deadline is at most what was left before. Times fit 32 bits until 2106.
        uint32 left = uint32(deadline - block.timestamp);
        if (side == IDisputeGame.Side.Operator) {
            self.operatorLeft = left;
        } else {
            if (self.phase == IDisputeGame.Phase.AwaitTrace && postedAt > self.since) {
                self.operatorLeft -= uint32(postedAt - self.since);
            }
            self.challengerLeft = left;
        }
        self.since = uint32(block.timestamp);
    }
}

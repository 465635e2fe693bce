// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title Scheduled
/// @notice An amount that can be announced to change: one slot, and no transaction is needed for the change to happen.
library Scheduled {
    struct Amount {
        uint104 current;
        /// Holds instead of `current` from `effectiveAt` on, unless that is zero.
        uint104 next;
        uint48 effectiveAt;
    }

    /// @notice The amount that holds now.
    function inForce(Amount memory self) internal view returns (uint104) {
        return self.effectiveAt != 0 && !isPending(self) ? self.next : self.current;
    }

    /// @notice Whether an announced amount waits for its time.
    function isPending(Amount memory self) internal view returns (bool) {
        return block.timestamp < self.effectiveAt;
    }

    /// @notice The amount now, the announced one and its time (both zero: none announced).
    function schedule(Amount memory self) internal view returns (uint256 current, uint256 next, uint256 effectiveAt) {
        current = inForce(self);
        if (isPending(self)) (next, effectiveAt) = (self.next, self.effectiveAt);
    }

    /// @notice Lets `next` hold from `effectiveAt` on; replaces what was announced and has not taken effect.
    function announce(Amount storage self, uint104 next, uint256 effectiveAt) internal {
        self.current = inForce(self);
        self.next = next;
        // A time plus two 32-bit spans: far below 2^48.
        self.effectiveAt = uint48(effectiveAt);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// An ERC-20 that makes a call of the test's choice inside a transfer, as the hooks of ERC-777 do.
contract ReenteringERC20 is ERC20 {
    /// Once: the next transfer makes the call, later ones do not.
    bool public armed;
    address public target;
    bytes public data;

    bool public called;
    bool public callSucceeded;
    bytes public callReturned;

    constructor() ERC20("Reentering", "REENT") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// The next transfer calls `target` with `data`, from this token, after the balances moved; the outcome is recorded.
    function arm(address target_, bytes calldata data_) external {
        (armed, target, data) = (true, target_, data_);
        (called, callSucceeded, callReturned) = (false, false, "");
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (!armed || from == address(0)) return;
        armed = false;
        called = true;
        (callSucceeded, callReturned) = target.call(data);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";

/// Borrows tokens for one transaction, does something with them, and gives them back.
contract FlashBorrower {
    ModelToken private immutable TOKEN;

    constructor(ModelToken token) {
        TOKEN = token;
    }

    receive() external payable {}

    function share() external {
        TOKEN.setSharing(true);
    }

    /// @param inside Called on the token with the borrowed balance in hand; must succeed.
    function borrow(address lender, uint256 amount, bytes calldata inside) external {
        TOKEN.transferFrom(lender, address(this), amount);
        if (inside.length != 0) {
            (bool ok, ) = address(TOKEN).call(inside);
            require(ok, "inside");
        }
        TOKEN.transfer(lender, amount);
    }

    function claimAll() external {
        TOKEN.claimAll(address(this));
    }

    function claim(uint256 id) external {
        TOKEN.claim(id);
    }
}

/// Receives ETH with a call of its choice, or not at all.
contract Receiver {
    ModelToken private immutable TOKEN;
    bytes public inside;
    bool public refuses;
    uint256 public calls;
    uint256 public successes;
    bytes public lastAnswer;

    constructor(ModelToken token) {
        TOKEN = token;
    }

    receive() external payable {
        require(!refuses, "refused");
        if (inside.length == 0) return;
        ++calls;
        (bool ok, bytes memory answer) = address(TOKEN).call(inside);
        lastAnswer = answer;
        if (ok) ++successes;
    }

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function setInside(bytes calldata inside_) external {
        inside = inside_;
    }

    function act(bytes calldata data) external {
        (bool ok, bytes memory answer) = address(TOKEN).call(data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}

/// Sends its ETH with no call at all.
contract Forcer {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// A token whose balances can be scaled by anybody, up or down, as a rebasing token's are.
contract RebasingErc20 is ERC20 {
    uint256 public percent = 100;

    constructor() ERC20("Rebasing", "REB") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function rebase(uint256 percent_) external {
        percent = percent_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return (super.balanceOf(account) * percent) / 100;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, (amount * 100) / percent);
    }
}

/// An asset that turns hostile after it was accepted: it burns all gas, or returns a megabyte, or says what it likes.
contract HostileErc20 is ERC20 {
    enum Mood {
        Fair,
        BurnsGas,
        ReturnsMuch,
        Reverts,
        SaysFalse,
        SaysMaximum
    }

    Mood public mood;

    constructor() ERC20("Hostile", "HOST") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (mood == Mood.SaysFalse) return false;
        _sulk();
        return super.transfer(to, amount);
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (mood == Mood.SaysMaximum) return type(uint256).max;
        _sulk();
        return super.balanceOf(account);
    }

    function _sulk() private view {
        if (mood == Mood.BurnsGas) {
            uint256 spun;
            while (true) ++spun;
        }
        if (mood == Mood.ReturnsMuch) {
            assembly {
                return(0, 1000000)
            }
        }
        require(mood != Mood.Reverts, "hostile");
    }
}

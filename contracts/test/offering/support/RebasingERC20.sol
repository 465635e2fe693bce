// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// An ERC-20 with six decimals whose balances all change when its issuer rebases.
contract RebasingERC20 {
    string public constant name = "Rebasing";
    string public constant symbol = "REB";
    uint8 public constant decimals = 6;
    uint256 private constant ONE = 1e18;

    /// Units per share, scaled by 1e18.
    uint256 public index = ONE;
    mapping(address account => uint256) public shares;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function rebase(uint256 bps) external {
        index = (index * bps) / 10_000;
    }

    function mint(address to, uint256 amount) external {
        shares[to] += (amount * ONE) / index;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return true;
    }

    function balanceOf(address account) external view returns (uint256) {
        return (shares[account] * index) / ONE;
    }

    function _move(address from, address to, uint256 amount) private {
        uint256 moved = (amount * ONE) / index;
        shares[from] -= moved;
        shares[to] += moved;
    }
}

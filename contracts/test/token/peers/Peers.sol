// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC20 as SoladyBase} from "solady/src/tokens/ERC20.sol";

// What ModelToken's gas is measured against. Each is the least code that does its job; none is used for anything else.

contract PlainErc20 is ERC20, ERC20Permit {
    constructor() ERC20("Plain", "PLAIN") ERC20Permit("Plain") {
        _mint(msg.sender, 1e27);
    }
}

/// A revenue asset without any checks of its own.
contract PlainDollar is ERC20 {
    uint8 private immutable DECIMALS;

    constructor(uint8 decimals_) ERC20("Dollar", "USD") {
        DECIMALS = decimals_;
        _mint(msg.sender, 1e36);
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}

contract SoladyErc20 is SoladyBase {
    constructor() {
        _mint(msg.sender, 1e27);
    }

    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SOL";
    }
}

/// Corrections of ERC-2222: revenue is distributed at once, two further words per account.
contract Erc2222 is ERC20 {
    uint256 private constant SCALE = 2 ** 128;
    uint256 public perShare;
    mapping(address account => int256) private _corrections;
    mapping(address account => uint256) private _withdrawn;

    constructor() ERC20("Funds", "FDT") {
        _mint(msg.sender, 1e27);
    }

    function distribute() external payable {
        perShare += (msg.value * SCALE) / totalSupply();
    }

    function claim() external {
        uint256 gross = uint256(int256(perShare * balanceOf(msg.sender)) + _corrections[msg.sender]) / SCALE;
        uint256 due = gross - _withdrawn[msg.sender];
        _withdrawn[msg.sender] = gross;
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        int256 moved = int256(perShare * amount);
        if (from != address(0)) _corrections[from] += moved;
        if (to != address(0)) _corrections[to] -= moved;
    }
}

/// The logic of Synthetix's StakingRewards in the transfer hook of the token itself: global words written by every transfer.
contract SynthetixHook is ERC20 {
    using SafeERC20 for IERC20;

    uint256 private constant PERIOD = 7 days;
    IERC20 public immutable reward;
    uint256 public periodFinish;
    uint256 public rewardRate;
    uint256 public lastUpdateTime;
    uint256 public stored;
    mapping(address account => uint256) private _paid;
    mapping(address account => uint256) private _rewards;

    constructor(IERC20 reward_) ERC20("Staked", "STK") {
        reward = reward_;
        _mint(msg.sender, 1e27);
    }

    function notifyReward(uint256 amount) external {
        _checkpoint(address(0));
        reward.safeTransferFrom(msg.sender, address(this), amount);
        uint256 left = block.timestamp < periodFinish ? (periodFinish - block.timestamp) * rewardRate : 0;
        rewardRate = (left + amount) / PERIOD;
        (lastUpdateTime, periodFinish) = (block.timestamp, block.timestamp + PERIOD);
    }

    function claim() external {
        _checkpoint(msg.sender);
        uint256 due = _rewards[msg.sender];
        _rewards[msg.sender] = 0;
        reward.safeTransfer(msg.sender, due);
    }

    function _perToken() private view returns (uint256) {
        if (totalSupply() == 0) return stored;
        return stored + ((_applicable() - lastUpdateTime) * rewardRate * 1e18) / totalSupply();
    }

    function _applicable() private view returns (uint256) {
        return block.timestamp < periodFinish ? block.timestamp : periodFinish;
    }

    function _checkpoint(address account) private {
        (stored, lastUpdateTime) = (_perToken(), _applicable());
        if (account == address(0)) return;
        _rewards[account] += (balanceOf(account) * (stored - _paid[account])) / 1e18;
        _paid[account] = stored;
    }

    function _update(address from, address to, uint256 amount) internal override {
        _checkpoint(from);
        _checkpoint(to);
        super._update(from, to, amount);
    }
}

/// The logic of ERC-7641's reference implementation: balances copied into lists at the first change after a snapshot, revenue
/// divided by what accounts held at the snapshot, the rest redeemed by burning.
contract ReferenceErc7641 is ERC20 {
    struct Copies {
        uint256[] ids;
        uint256[] values;
    }

    uint256 private constant PERCENT = 60;
    uint256 public current;
    uint256 private _claimPool;
    uint256 private _redemptionPool;
    uint256 private _redeemed;
    mapping(address account => Copies) private _balanceCopies;
    Copies private _supplyCopies;
    mapping(uint256 id => uint256) private _claimableAt;
    mapping(uint256 id => mapping(address account => bool)) private _claimed;

    constructor() ERC20("Reference", "REF") {
        _mint(msg.sender, 1e27);
    }

    receive() external payable {}

    function snapshot() external returns (uint256 id) {
        id = ++current;
        uint256 fresh = address(this).balance + _redeemed - _claimPool - _redemptionPool;
        uint256 claimable = (fresh * PERCENT) / 100;
        _claimableAt[id] = claimable;
        _claimPool += claimable;
        _redemptionPool += fresh - claimable - _redeemed;
        _redeemed = 0;
    }

    function claimableRevenue(address account, uint256 id) public view returns (uint256) {
        if (_claimed[id][account]) return 0;
        uint256 balance = _at(_balanceCopies[account], id, balanceOf(account));
        return (balance * _claimableAt[id]) / _at(_supplyCopies, id, totalSupply());
    }

    function claim(uint256 id) public {
        uint256 due = claimableRevenue(msg.sender, id);
        require(due > 0);
        _claimed[id][msg.sender] = true;
        _claimPool -= due;
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
    }

    function claimBatch(uint256[] calldata ids) external {
        for (uint256 i; i < ids.length; ++i) claim(ids[i]);
    }

    function redeemable(uint256 amount) public view returns (uint256 fromFresh, uint256 fromPool) {
        uint256 fresh = address(this).balance + _redeemed - _claimPool - _redemptionPool;
        fromFresh = (amount * ((fresh * (100 - PERCENT)) / 100 - _redeemed)) / totalSupply();
        fromPool = (amount * _redemptionPool) / totalSupply();
    }

    function burn(uint256 amount) external {
        (uint256 fromFresh, uint256 fromPool) = redeemable(amount);
        _redemptionPool -= fromPool;
        _redeemed += fromFresh;
        _burn(msg.sender, amount);
        (bool ok, ) = msg.sender.call{value: fromFresh + fromPool}("");
        require(ok);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0)) _copy(_balanceCopies[from], balanceOf(from));
        if (to != address(0)) _copy(_balanceCopies[to], balanceOf(to));
        if (from == address(0) || to == address(0)) _copy(_supplyCopies, totalSupply());
        super._update(from, to, amount);
    }

    function _copy(Copies storage copies, uint256 value) private {
        uint256 length = copies.ids.length;
        if ((length == 0 ? 0 : copies.ids[length - 1]) < current) {
            copies.ids.push(current);
            copies.values.push(value);
        }
    }

    /// The first copy at or after `id`, or the present value if there is none.
    function _at(Copies storage copies, uint256 id, uint256 present) private view returns (uint256) {
        uint256 low;
        uint256 high = copies.ids.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (copies.ids[middle] < id) low = middle + 1;
            else high = middle;
        }
        return low == copies.ids.length ? present : copies.values[low];
    }
}

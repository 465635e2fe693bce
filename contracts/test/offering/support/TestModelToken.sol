// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IModelToken} from "../../../src/interfaces/IModelToken.sol";

/// What an offering needs of a model token: the same constructor, who shares, burning for a pool of ETH, opening once.
contract TestModelToken is ERC20 {
    address public immutable DISTRIBUTOR;
    uint256 public revenueOpensAt = type(uint40).max;
    address public publisher;
    address[] internal _assets;
    mapping(address account => bool) internal _sharing;
    mapping(address account => bool) internal _excluded;

    constructor(IModelToken.Config memory config) ERC20(config.name, config.symbol) {
        if (config.supply == 0) revert IModelToken.ModelToken_BadConfig("supply");
        DISTRIBUTOR = config.distributor;
        publisher = config.publisher;
        _assets = config.assets;
        _excluded[config.distributor] = true;
        for (uint256 i = 0; i < config.nonSharing.length; ++i) _excluded[config.nonSharing[i]] = true;
        _mint(config.distributor, config.supply);
    }

    receive() external payable {}

    function openRevenue(uint256 at) external {
        if (msg.sender != DISTRIBUTOR) revert IModelToken.ModelToken_NotDistributor(msg.sender);
        if (revenueOpensAt != type(uint40).max) revert IModelToken.ModelToken_RevenueAlreadyOpen(revenueOpensAt);
        revenueOpensAt = at;
    }

    function burn(uint256 amount) external {
        burnTo(amount, msg.sender);
    }

    function burnTo(uint256 amount, address to) public {
        bool streams = block.timestamp >= revenueOpensAt;
        uint256 redemption = streams ? (address(this).balance * amount) / totalSupply() : 0;
        _burn(msg.sender, amount);
        if (redemption == 0) return;
        (bool ok, ) = to.call{value: redemption}("");
        if (!ok) revert IModelToken.ModelToken_PaymentFailed(to, redemption);
    }

    function isSharing(address account) external view returns (bool) {
        return _sharing[account] && !_excluded[account];
    }

    function revenueAssets() external view returns (address[] memory assets) {
        assets = new address[](_assets.length + 1);
        for (uint256 i = 0; i < _assets.length; ++i) assets[i + 1] = _assets[i];
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == DISTRIBUTOR) _sharing[to] = true;
        super._update(from, to, amount);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFixedPriceOffering} from "../interfaces/IFixedPriceOffering.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {IOfferingFactory} from "../interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../interfaces/IVestingEscrow.sol";
import {Currency} from "./Currency.sol";
import {DataContract} from "./DataContract.sol";
import {OfferingRules} from "./OfferingRules.sol";

/// @title OfferingFactory
/// @dev The token is a contract of its own with immutables, not a clone, and its creation code is too large to be part of
/// this one's: it is read from two data contracts. Sale and escrow are clones of implementations deployed beforehand.
contract OfferingFactory is IOfferingFactory, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using Currency for address;

    /// @notice What a factory deploys from.
    struct Parts {
        address offeringImplementation;
        address escrowImplementation;
        /// Data contracts that hold the token's creation code; `tokenCodeTail` is zero where one is enough.
        address tokenCodeHead;
        address tokenCodeTail;
        /// keccak256 of that creation code.
        bytes32 tokenCodeHash;
    }

    address private constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    IModelRegistry public immutable registry;
    address public immutable offeringImplementation;
    address public immutable escrowImplementation;
    address public immutable tokenCodeHead;
    address public immutable tokenCodeTail;
    uint256 public immutable override probeAmount;
    Limits private _limits;
    /// Beside an offering's escrow and the burn address.
    address[] private _nonSharing;

    mapping(uint256 familyId => address) public override openOfferingOf;
    mapping(uint256 familyId => uint256) private _offeringsOf;
    mapping(address offering => uint256 familyId) public override familyOfOffering;

    constructor(
        IModelRegistry registry_,
        Parts memory parts,
        Limits memory limits_,
        uint256 probeAmount_,
        address[] memory nonSharing
    ) {
        if (parts.offeringImplementation.code.length == 0) revert OfferingFactory_BadPart("offeringImplementation");
        if (parts.escrowImplementation.code.length == 0) revert OfferingFactory_BadPart("escrowImplementation");
        (tokenCodeHead, tokenCodeTail) = (parts.tokenCodeHead, parts.tokenCodeTail);
        bytes memory code = bytes.concat(
            DataContract.read(parts.tokenCodeHead),
            DataContract.read(parts.tokenCodeTail)
        );
        if (keccak256(code) != parts.tokenCodeHash) revert OfferingFactory_BadPart("tokenCode");
        if (limits_.minDuration < limits_.uncommitCutoff) revert OfferingFactory_BadLimits("minDuration");
        if (limits_.maxDuration < limits_.minDuration) revert OfferingFactory_BadLimits("maxDuration");
        if (probeAmount_ == 0) revert OfferingFactory_ZeroAmount("probeAmount");
        registry = registry_;
        offeringImplementation = parts.offeringImplementation;
        escrowImplementation = parts.escrowImplementation;
        probeAmount = probeAmount_;
        _limits = limits_;
        _nonSharing = nonSharing;
    }

    /// @inheritdoc IOfferingFactory
    function create(
        OfferingParams calldata params
    ) external override nonReentrant returns (address offering, address token, address escrow) {
        uint256 familyId = params.familyId;
        _requireOfferable(familyId);
        OfferingRules.check(params, _limits);
        _probe(params.sale.currency);

        offering = Clones.cloneDeterministic(offeringImplementation, _salt(familyId, _offeringsOf[familyId]++));
        escrow = Clones.clone(escrowImplementation);
        token = _createToken(params, offering, escrow);
        openOfferingOf[familyId] = offering;
        familyOfOffering[offering] = familyId;
        address recipient = params.sale.fundsRecipient;
        if (recipient == token || recipient == offering || recipient == escrow || recipient == params.sale.currency) {
            revert OfferingFactory_FundsRecipientIsToken(recipient);
        }
        emit OfferingCreated(familyId, offering, token, escrow, msg.sender);
        _initialize(params, offering, token, escrow);
    }

    /// @inheritdoc IOfferingFactory
    function onSettled() external override {
        uint256 familyId = _closeOffering();
        registry.bindToken(familyId, IFixedPriceOffering(msg.sender).token());
    }

    /// @inheritdoc IOfferingFactory
    function onRefunding() external override {
        _closeOffering();
    }

    /// @inheritdoc IOfferingFactory
    function predictOffering(uint256 familyId) external view override returns (address) {
        return Clones.predictDeterministicAddress(offeringImplementation, _salt(familyId, _offeringsOf[familyId]));
    }

    /// @inheritdoc IOfferingFactory
    function limits() external view override returns (Limits memory) {
        return _limits;
    }

    /// @inheritdoc IOfferingFactory
    function isOffering(address account) external view override returns (bool) {
        return familyOfOffering[account] != 0;
    }

    function _requireOfferable(uint256 familyId) private view {
        if (registry.publisherOf(familyId) != msg.sender) revert OfferingFactory_NotPublisher(familyId, msg.sender);
        address bound = registry.tokenOf(familyId);
        if (bound != address(0)) revert OfferingFactory_AlreadyTokenized(familyId, bound);
        address open = openOfferingOf[familyId];
        if (open != address(0)) revert OfferingFactory_OfferingOpen(familyId, open);
    }

    /// An offering reaches one terminal state once, so it is the open one whenever it calls.
    function _closeOffering() private returns (uint256 familyId) {
        familyId = familyOfOffering[msg.sender];
        if (familyId == 0) revert OfferingFactory_NotOffering(msg.sender);
        openOfferingOf[familyId] = address(0);
    }

    /// A round trip of `probeAmount` from and to the publisher: both sides must move by exactly that, both times. Shows a fee
    /// on transfer; whatever a currency does later, each commitment measures again and settlement counts the balance.
    function _probe(address currency) private {
        if (currency == Currency.ETH) return;
        IERC20 asset = IERC20(currency);
        (bool known, uint8 decimals) = asset.tryGetDecimals();
        if (!known || decimals > 18) revert OfferingFactory_UnsuitableCurrency(currency, 0, 0);
        (uint256 theirs, uint256 ours) = (asset.balanceOf(msg.sender), currency.held());
        asset.safeTransferFrom(msg.sender, address(this), probeAmount);
        _requireMoved(
            currency,
            Math.saturatingSub(theirs, asset.balanceOf(msg.sender)),
            Math.saturatingSub(currency.held(), ours)
        );
        (theirs, ours) = (asset.balanceOf(msg.sender), currency.held());
        asset.safeTransfer(msg.sender, probeAmount);
        _requireMoved(
            currency,
            Math.saturatingSub(ours, currency.held()),
            Math.saturatingSub(asset.balanceOf(msg.sender), theirs)
        );
    }

    function _requireMoved(address currency, uint256 sent, uint256 received) private view {
        if (sent != probeAmount || received != probeAmount) {
            revert OfferingFactory_UnsuitableCurrency(currency, sent, received);
        }
    }

    function _createToken(
        OfferingParams calldata params,
        address offering,
        address escrow
    ) private returns (address token) {
        IModelToken.Config memory config = IModelToken.Config({
            name: params.token.name,
            symbol: params.token.symbol,
            supply: params.token.supply,
            claimableBps: params.token.claimableBps,
            streamPeriod: params.token.streamPeriod,
            snapshotInterval: _limits.snapshotInterval,
            distributor: offering,
            publisher: msg.sender,
            assets: _revenueAssets(params.familyId),
            nonSharing: _nonSharingWith(escrow)
        });
        bytes memory initCode = bytes.concat(
            DataContract.read(tokenCodeHead),
            DataContract.read(tokenCodeTail),
            abi.encode(config)
        );
        // Safe: reads only the bytes of `initCode`; a failed creation's reason is passed on from scratch memory that is not
        // used again, as the call ends there.
        assembly ("memory-safe") {
            token := create(0, add(initCode, 0x20), mload(initCode))
            if iszero(token) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    function _initialize(OfferingParams calldata params, address offering, address token, address escrow) private {
        Allocation calldata allocation = params.allocation;
        IFixedPriceOffering(offering).initialize(
            IFixedPriceOffering.Setup({
                familyId: params.familyId,
                token: token,
                escrow: escrow,
                offered: allocation.offered,
                uncommitCutoff: _limits.uncommitCutoff,
                exitWindow: _limits.exitWindow,
                revenueHold: _limits.revenueHold
            }),
            params.sale
        );
        IVestingEscrow(escrow).initialize(offering, token, _grantsWithLiquidity(allocation));
    }

    /// The liquidity share is one more grant, the last: nothing until the lock ends, then all.
    function _grantsWithLiquidity(
        Allocation calldata allocation
    ) private pure returns (IVestingEscrow.Grant[] memory grants) {
        uint256 count = allocation.grants.length;
        grants = new IVestingEscrow.Grant[](allocation.liquidity == 0 ? count : count + 1);
        for (uint256 i = 0; i < count; ++i) grants[i] = allocation.grants[i];
        if (allocation.liquidity == 0) return grants;
        uint32 lock = allocation.liquidityLock;
        grants[count] = IVestingEscrow.Grant(allocation.liquidityRecipient, allocation.liquidity, lock, lock);
    }

    /// The family's assets without ETH, which every token has.
    function _revenueAssets(uint256 familyId) private view returns (address[] memory assets) {
        address[] memory all = registry.assetsOf(familyId);
        assets = new address[](all.length - 1);
        for (uint256 i = 0; i < assets.length; ++i) assets[i] = all[i + 1];
    }

    function _nonSharingWith(address escrow) private view returns (address[] memory list) {
        uint256 count = _nonSharing.length;
        list = new address[](count + 2);
        (list[0], list[1]) = (escrow, BURN_ADDRESS);
        for (uint256 i = 0; i < count; ++i) list[i + 2] = _nonSharing[i];
    }

    function _salt(uint256 familyId, uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode(familyId, number));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IModelToken} from "../interfaces/IModelToken.sol";
import {Payment} from "./libraries/Payment.sol";
import {Stream, StreamLib} from "./libraries/Stream.sol";
import {PoolWord, SupplyWord} from "./libraries/Words.sol";

/// @notice The money: what came in per asset, what of it holders and the redemption pool have been given, and the sharing
/// supply it is divided by. Assets are numbered, 0 is ETH. All amounts in here are normal, that is in 18 decimals.
abstract contract RevenueBooks {
    using StreamLib for Stream;

    /// @notice Everything about one asset, brought to `block.timestamp`.
    struct Books {
        Stream stream;
        uint256 pool;
        /// Comes to the pool on the stream's schedule.
        uint256 unreleased;
        /// What the books say this contract holds: accrued, streaming, pool and credit together.
        uint256 booked;
        uint256 shares;
        bool mayRun;
        /// The words as they were read.
        uint256 supplies;
        uint256 word;
    }

    uint256 internal constant BPS = 10_000;
    uint256 internal constant SUPPLY_LIMIT = (1 << 90) - 1;
    uint256 internal constant MAX_ASSETS = 4;
    uint256 internal constant MAX_DECIMALS = 18;
    /// A stream runs while the sharing supply is at least one in 2^10 of the whole: one wei of it must not take everything.
    uint256 internal constant SHARING_FLOOR_SHIFT = 10;

    uint256 internal immutable CLAIMABLE_BPS;
    uint256 internal immutable PERIOD;
    /// `PERIOD`, or one second where payments are made at once.
    uint256 internal immutable RESTREAM_PERIOD;
    /// The number of ERC-20 assets.
    uint256 internal immutable TOKENS;
    /// Shares are a balance shifted left by this much, so that the supply at creation is in [2^89, 2^90) shares whatever
    /// its size, and the index has the same room and grain for every token.
    uint256 internal immutable SHARE_SHIFT;
    /// The ERC-20s: address, and above it the decimals missing to 18.
    uint256 private immutable TOKEN_1;
    uint256 private immutable TOKEN_2;
    uint256 private immutable TOKEN_3;
    uint256 private immutable TOKEN_4;

    uint256 internal _supplies;
    uint256[MAX_ASSETS + 1] internal _streams;
    uint256[MAX_ASSETS + 1] private _pools;
    uint256[MAX_ASSETS + 1] private _booked;

    constructor(IModelToken.Config memory config) {
        uint256 supply = config.supply;
        if (supply == 0 || supply > SUPPLY_LIMIT) revert IModelToken.ModelToken_BadConfig("supply");
        if (config.claimableBps > BPS) revert IModelToken.ModelToken_BadConfig("claimableBps");
        if (config.streamPeriod > StreamLib.SECONDS) revert IModelToken.ModelToken_BadConfig("streamPeriod");
        if (config.assets.length > MAX_ASSETS) revert IModelToken.ModelToken_BadConfig("assets");

        CLAIMABLE_BPS = config.claimableBps;
        PERIOD = config.streamPeriod;
        RESTREAM_PERIOD = config.streamPeriod == 0 ? 1 : config.streamPeriod;
        TOKENS = config.assets.length;
        uint256 shift;
        while (supply >> (89 - shift) == 0) ++shift;
        SHARE_SHIFT = shift;
        TOKEN_1 = _describeToken(config.assets, 0);
        TOKEN_2 = _describeToken(config.assets, 1);
        TOKEN_3 = _describeToken(config.assets, 2);
        TOKEN_4 = _describeToken(config.assets, 3);

        // Nobody shares yet and revenue is not open: every stream starts frozen and empty, with mark 1 the creation.
        _supplies = (SupplyWord.NEVER << SupplyWord.OPENS_SHIFT) | (supply << SupplyWord.TOTAL_SHIFT);
        uint256 frozen = 1 << StreamLib.FROZEN_SHIFT;
        _streams[0] = frozen | (1 << StreamLib.ASIDE_SHIFT);
        for (uint256 asset = 1; asset <= config.assets.length; ++asset) _streams[asset] = frozen;
    }

    // ---------------------------------------------------------------------------------------------------------- assets

    function _describeToken(address[] memory tokens, uint256 index) private view returns (uint256) {
        if (index >= tokens.length) return 0;
        address token = tokens[index];
        if (token.code.length == 0) revert IModelToken.ModelToken_UnsuitableAsset(token);
        for (uint256 i; i < index; ++i) {
            if (tokens[i] == token) revert IModelToken.ModelToken_UnsuitableAsset(token);
        }
        uint256 decimals = IERC20Metadata(token).decimals();
        if (decimals > MAX_DECIMALS) revert IModelToken.ModelToken_UnsuitableAsset(token);
        return uint256(uint160(token)) | ((MAX_DECIMALS - decimals) << 160);
    }

    function _describe(uint256 asset) private view returns (uint256) {
        if (asset == 0) return 0;
        if (asset == 1) return TOKEN_1;
        if (asset == 2) return TOKEN_2;
        return asset == 3 ? TOKEN_3 : TOKEN_4;
    }

    function _assetAddress(uint256 asset) internal view returns (address) {
        return address(uint160(_describe(asset)));
    }

    /// @return Normal units per unit of the asset.
    function _scale(uint256 asset) internal view returns (uint256) {
        return asset == 0 ? 1 : 10 ** (_describe(asset) >> 160);
    }

    function _assetNumber(address asset) internal view returns (uint256 number) {
        if (asset == address(0)) return 0;
        for (number = 1; number <= TOKENS; ++number) {
            if (_assetAddress(number) == asset) return number;
        }
        revert IModelToken.ModelToken_UnknownAsset(asset);
    }

    // ----------------------------------------------------------------------------------------------------------- books

    function _read(uint256 asset) private view returns (Books memory b) {
        uint256 supplies = _supplies;
        uint256 word = _streams[asset];
        b.supplies = supplies;
        b.word = word;
        b.shares = SupplyWord.sharing(supplies) << SHARE_SHIFT;
        b.mayRun = _mayRun(supplies);
        b.stream = StreamLib.read(word, asset == 0 ? SupplyWord.carry(supplies) : StreamLib.aside(word), b.shares);
        (b.pool, b.unreleased) = PoolWord.unpack(_pools[asset], StreamLib.endOf(word));
        b.booked = _booked[asset];
    }

    function _write(uint256 asset, Books memory b) private {
        (uint256 word, uint256 carry) = b.stream.write(b.shares, b.mayRun, RESTREAM_PERIOD);
        if (asset == 0) {
            _streams[0] = word | (b.word & StreamLib.ASIDE);
            if (SupplyWord.carry(b.supplies) != carry) {
                _supplies = (b.supplies & ~SupplyWord.CARRY) | (carry << SupplyWord.CARRY_SHIFT);
            }
        } else {
            _streams[asset] = word | (carry << StreamLib.ASIDE_SHIFT);
        }
        _pools[asset] = PoolWord.pack(b.pool, b.unreleased);
        _booked[asset] = b.booked;
    }

    function _mayRun(uint256 supplies) private view returns (bool) {
        uint256 sharing = SupplyWord.sharing(supplies);
        return
            sharing != 0 &&
            sharing >= SupplyWord.total(supplies) >> SHARING_FLOOR_SHIFT &&
            block.timestamp >= SupplyWord.opensAt(supplies);
    }

    /// Splits `amount` between holders and pool; what does not divide goes to the pool.
    function _join(Books memory b, uint256 amount) private view {
        // Unchecked: `_surplus` keeps the books, and so each part of them, below 2^108.
        unchecked {
            if (amount != 0) {
                uint256 toHolders = (amount * CLAIMABLE_BPS) / BPS;
                uint256 toPool = amount - toHolders;
                b.stream.join(toHolders, b.unreleased, toPool, RESTREAM_PERIOD);
                b.unreleased += toPool;
                b.booked += amount;
            }
            if (PERIOD == 0 && b.mayRun && b.stream.release(b.shares)) {
                b.pool += b.unreleased;
                b.unreleased = 0;
            }
        }
    }

    /// Normal amount this contract holds beyond what it has `booked`.
    function _surplus(uint256 asset, uint256 booked) private view returns (uint256) {
        if (asset == 0) return _beyond(booked, address(this).balance, 1);
        return _beyond(booked, Payment.balanceOrZero(_assetAddress(asset)), _scale(asset));
    }

    /// A hostile asset may claim any balance. What the books cannot hold stays outside them.
    function _beyond(uint256 booked, uint256 units, uint256 scale) private pure returns (uint256) {
        // Unchecked: 2^108 units are beyond the books at any scale, and the rest is compared first.
        unchecked {
            uint256 held = units > PoolWord.AMOUNT ? PoolWord.AMOUNT : units * scale;
            if (held > PoolWord.AMOUNT) held = PoolWord.AMOUNT;
            return held > booked ? held - booked : 0;
        }
    }

    /// The books as `sync` would leave them.
    function _synced(uint256 asset) internal view returns (Books memory b) {
        b = _read(asset);
        _join(b, _surplus(asset, b.booked));
    }

    /// Folds in what arrived without a notification, and resumes a frozen stream that may run again.
    function _sync(uint256 asset) internal {
        _foldIn(asset, _surplus(asset, _booked[asset]));
    }

    /// Before a payment: as `_sync`, but spares the reader a call to the asset where new money could not change what is paid,
    /// because it has yet to stream.
    function _refresh(uint256 asset) internal {
        uint256 surplus = asset == 0 || PERIOD == 0 ? _surplus(asset, _booked[asset]) : 0;
        if (surplus != 0 || (StreamLib.isFrozen(_streams[asset]) && _mayRun(_supplies))) _foldIn(asset, surplus);
    }

    function _foldIn(uint256 asset, uint256 surplus) private {
        Books memory b = _read(asset);
        _join(b, surplus);
        _write(asset, b);
        uint256 units = surplus / _scale(asset);
        if (units != 0) emit IModelToken.RevenueAdded(address(0), _assetAddress(asset), units);
    }

    /// Books a notification, together with what had arrived without one.
    /// @param units What `from` brought, already received, in units of the asset.
    /// @param held What this contract holds now, in units of the asset.
    function _receive(uint256 asset, address from, uint256 units, uint256 held) internal {
        Books memory b = _read(asset);
        uint256 scale = _scale(asset);
        if (units > (PoolWord.AMOUNT - b.booked) / scale) revert IModelToken.ModelToken_AmountTooLarge(units);
        uint256 surplus = _beyond(b.booked, held, scale);
        _join(b, surplus);
        _write(asset, b);
        if (units != 0) emit IModelToken.RevenueAdded(from, _assetAddress(asset), units);
        // Less than announced only if the asset took away from what was booked: then the payment makes up for it first.
        if (surplus > units * scale) {
            emit IModelToken.RevenueAdded(address(0), _assetAddress(asset), surplus / scale - units);
        }
    }

    /// The sharing supply changes by `sharingBy` and the total falls by `burned`, both in token units.
    /// @dev Every stream is divided anew, at the same pace. The pool is untouched unless the schedule itself changes.
    function _resize(int256 sharingBy, uint256 burned) internal {
        // Unchecked: the callers move existing balances, so that 0 <= sharing <= total and burned <= total.
        unchecked {
            uint256 supplies = _supplies;
            uint256 sharing = uint256(int256(SupplyWord.sharing(supplies)) + sharingBy);
            uint256 sharesBefore = SupplyWord.sharing(supplies) << SHARE_SHIFT;
            uint256 resized =
                (supplies & SupplyWord.OPENS) |
                    ((SupplyWord.total(supplies) - burned) << SupplyWord.TOTAL_SHIFT) |
                    sharing;
            bool mayRun = _mayRun(resized);
            uint256 shares = sharing << SHARE_SHIFT;

            uint256 carry = _reshare(0, SupplyWord.carry(supplies), sharesBefore, shares, mayRun);
            _supplies = resized | (carry << SupplyWord.CARRY_SHIFT);
            for (uint256 asset = 1; asset <= TOKENS; ++asset) {
                _reshare(asset, StreamLib.aside(_streams[asset]), sharesBefore, shares, mayRun);
            }
        }
    }

    function _reshare(
        uint256 asset,
        uint256 carry,
        uint256 sharesBefore,
        uint256 shares,
        bool mayRun
    ) private returns (uint256 newCarry) {
        uint256 word = _streams[asset];
        Stream memory stream = StreamLib.read(word, carry, sharesBefore);
        stream.reshare(sharesBefore, shares);
        uint256 newWord;
        (newWord, newCarry) = stream.write(shares, mayRun, RESTREAM_PERIOD);
        uint256 end = StreamLib.endOf(word);
        if (StreamLib.endOf(newWord) != end) {
            (uint256 pool, uint256 unreleased) = PoolWord.unpack(_pools[asset], end);
            _pools[asset] = PoolWord.pack(pool, unreleased);
        }
        _streams[asset] = newWord | (asset == 0 ? word & StreamLib.ASIDE : newCarry << StreamLib.ASIDE_SHIFT);
    }

    /// Moves no money: from `at` on, the first write of each stream lets it run.
    function _open(uint256 at) internal {
        _supplies = (_supplies & ~SupplyWord.OPENS) | (at << SupplyWord.OPENS_SHIFT);
        for (uint256 asset; asset <= TOKENS; ++asset) {
            Books memory b = _read(asset);
            _join(b, 0);
            _write(asset, b);
        }
    }

    // ------------------------------------------------------------------------------------------------------- going out

    /// @return Normal amount of `pool` that `amount` of `total` tokens redeems, rounded down to whole units of the asset.
    function _redeemable(uint256 asset, uint256 amount, uint256 total, uint256 pool) internal view returns (uint256) {
        if (amount == 0) return 0;
        if (amount > total) amount = total;
        // Unchecked: a supply is below 2^90, a pool below 2^108.
        unchecked {
            uint256 redeemed = total == 0 ? 0 : (amount * pool) / total;
            return asset == 0 ? redeemed : redeemed - (redeemed % _scale(asset));
        }
    }

    /// Takes the redemption of `amount` tokens out of the pool and the books. Call before the supply changes.
    function _takeRedemption(uint256 asset, uint256 amount) internal returns (uint256 taken) {
        (uint256 pool, uint256 unreleased) = PoolWord.unpack(_pools[asset], StreamLib.endOf(_streams[asset]));
        taken = _redeemable(asset, amount, SupplyWord.total(_supplies), pool);
        if (taken == 0) return 0;
        _pools[asset] = PoolWord.pack(pool - taken, unreleased);
        _booked[asset] -= taken;
    }

    /// When no token is left: pool, unreleased and unstreamed belong to the publisher.
    function _creditOf(Books memory b) internal pure returns (uint256) {
        return SupplyWord.total(b.supplies) == 0 ? b.pool + b.unreleased + (b.stream.left >> 80) : 0;
    }

    /// Takes the publisher's credit out of the books, in whole units of the asset.
    function _takeCredit(uint256 asset) internal returns (uint256 taken) {
        Books memory b = _synced(asset);
        uint256 scale = _scale(asset);
        uint256 credit = _creditOf(b);
        taken = (credit / scale) * scale;
        if (taken == 0) return 0;
        (b.pool, b.unreleased) = (0, 0);
        b.stream.left = (credit - taken) << 80;
        b.booked -= taken;
        _write(asset, b);
    }

    function _takeFromBooks(uint256 asset, uint256 amount) internal {
        _booked[asset] -= amount;
    }

    function _returnToBooks(uint256 asset, uint256 amount) internal {
        _booked[asset] += amount;
    }
}

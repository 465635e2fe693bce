// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IInferenceOracle} from "../interfaces/IInferenceOracle.sol";

/// @notice A request and its answer in storage. All that an answer reads or writes lies in the first three slots, and the
/// requester pays for each of them, `outputRoot` by a placeholder: so an answer costs three slot updates and no new slot.
/// Slots that standard requests do not need stay empty.
struct RequestRecord {
    /// A packed `Progress`.
    uint256 progress;
    /// Who answered; of a reopened request, who alone may answer at first.
    address operator;
    uint96 fee;
    bytes32 outputRoot;
    address account;
    uint32 gasLimit;
    /// Wei per unit of gas that callbacks were prepaid at.
    uint56 gasPrice;
    /// `OracleTerms` bits.
    uint8 terms;
    bytes32 inputRoot;
    /// Only where it is neither zero nor `account`.
    address callbackContract;
    /// Zero for no bytes.
    bytes32 callbackDataHash;
    /// Only where the fee is not paid in ETH.
    address asset;
    /// What the same request costs in ETH, if it is sold for that.
    uint96 ethFee;
    /// Only where one of the two was asked for.
    address refundTo;
    uint96 minBond;
}

/// @notice What changes as a request proceeds, and what an answer needs to know; one slot.
struct Progress {
    IInferenceOracle.Status status;
    /// `RequestProgress` bits.
    uint256 flags;
    uint256 round;
    uint256 requestedAt;
    /// Of the request; once answered, of the last answer.
    uint256 turnedBlock;
    /// Seconds from the request to the current answer; of a reopened request, to its reopening.
    uint256 turnedAfter;
    uint256 versionId;
    uint256 batchSize;
    /// `RequestProgress.TEXT` of a request for text.
    uint256 minOutput;
    uint256 maxOutput;
    /// Least bond while open, but for what the gas price adds; the bond while answered. A multiple of `BOND_UNIT`.
    uint256 bond;
}

/// @title RequestProgress
/// @dev From the low end: status 3 bits, flags 5, round 8, requestedAt 40, turnedBlock 40, turnedAfter 32, versionId 32,
/// batchSize 16, minOutput 16, maxOutput 16, bond 48. Each is checked or bounded where it enters, so packing never cuts.
library RequestProgress {
    uint256 internal constant BOND_UNIT = 1e12;
    uint256 internal constant MAX_BOND = uint256(type(uint48).max) * BOND_UNIT;
    uint256 internal constant MAX_ROUND = type(uint8).max;

    /// Stands where the least length of an output does, above every greatest.
    uint256 internal constant TEXT = type(uint16).max;

    uint256 internal constant FAST_WINDOW = 1 << 3;
    uint256 internal constant DELIVERED = 1 << 4;
    uint256 internal constant CALLBACK_FAILED = 1 << 5;
    uint256 internal constant ERC20_FEE = 1 << 6;
    uint256 internal constant FEE_HELD = 1 << 7;
    uint256 private constant FLAGS = 0xf8;

    function unpack(uint256 word) internal pure returns (Progress memory p) {
        p.status = IInferenceOracle.Status(word & 7);
        p.flags = word & FLAGS;
        p.round = uint8(word >> 8);
        p.requestedAt = uint40(word >> 16);
        p.turnedBlock = uint40(word >> 56);
        p.turnedAfter = uint32(word >> 96);
        p.versionId = uint32(word >> 128);
        p.batchSize = uint16(word >> 160);
        p.minOutput = uint16(word >> 176);
        p.maxOutput = uint16(word >> 192);
        unchecked {
            // 48 bits times 40.
            p.bond = (word >> 208) * BOND_UNIT;
        }
    }

    function pack(Progress memory p) internal pure returns (uint256 word) {
        word = uint256(p.status) | p.flags | (p.round << 8) | (p.requestedAt << 16) | (p.turnedBlock << 56);
        word |= (p.turnedAfter << 96) | (p.versionId << 128) | (p.batchSize << 160);
        word |= (p.minOutput << 176) | (p.maxOutput << 192) | ((p.bond / BOND_UNIT) << 208);
    }

    function has(Progress memory p, uint256 flag) internal pure returns (bool) {
        return p.flags & flag != 0;
    }

    function isText(Progress memory p) internal pure returns (bool) {
        return p.minOutput > p.maxOutput;
    }

    /// When the current answer came, or the request was last opened.
    function turnedAt(Progress memory p) internal pure returns (uint256) {
        unchecked {
            // 40 bits plus 32.
            return p.requestedAt + p.turnedAfter;
        }
    }

    /// `wad` wei rounded up to what a slot can hold.
    function toBondUp(uint256 bond) internal pure returns (uint256 rounded) {
        rounded = ((bond + BOND_UNIT - 1) / BOND_UNIT) * BOND_UNIT;
        if (rounded > MAX_BOND) revert IInferenceOracle.InferenceOracle_BondTooHigh(bond, MAX_BOND);
    }
}

/// @title OracleTerms
/// @notice Bits of `RequestRecord.terms`: terms of a request, and how much of its prepaid gas is settled.
library OracleTerms {
    uint8 internal constant OPTIMISTIC = 1;
    /// The callback goes to `account`.
    uint8 internal constant CALLBACK_TO_ACCOUNT = 2;
    uint8 internal constant CALLBACK_ELSEWHERE = 4;
    /// `refundTo` and `minBond` are stored.
    uint8 internal constant EXTRA = 8;
    /// Two bits: how many of the two prepaid callbacks are settled.
    uint8 internal constant SETTLED_ONE = 16;
    uint8 internal constant SETTLED_SHIFT = 4;
}

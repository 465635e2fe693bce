// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title DataContract
/// @notice Bytes kept as the code of a contract: one zero byte, so that it can never run, then at most 24,575 bytes.
/// @dev Deployed outside Solidity with the init code `LOADER ++ data`. The layout is 0xsequence's SSTORE2.
library DataContract {
    uint256 internal constant MAX_SIZE = 24_575;

    /// Returns the code behind itself: codesize - 11 bytes from 11 on, the first of which is the zero byte.
    bytes12 internal constant LOADER = 0x600b5981380380925939f300;

    error DataContract_TooLarge(uint256 size);
    error DataContract_DeploymentFailed();

    function write(bytes memory data) internal returns (address pointer) {
        if (data.length > MAX_SIZE) revert DataContract_TooLarge(data.length);
        bytes memory initCode = bytes.concat(LOADER, data);
        // Safe: reads only the bytes of `initCode`.
        assembly ("memory-safe") {
            pointer := create(0, add(initCode, 0x20), mload(initCode))
        }
        if (pointer == address(0)) revert DataContract_DeploymentFailed();
    }

    /// @notice The data of `pointer`, or nothing where it has no code.
    function read(address pointer) internal view returns (bytes memory data) {
        uint256 codeSize = pointer.code.length;
        if (codeSize == 0) return data;
        data = new bytes(codeSize - 1);
        // Safe: copies exactly the `codeSize - 1` bytes just allocated, past the leading zero byte.
        assembly ("memory-safe") {
            extcodecopy(pointer, add(data, 0x20), 1, sub(codeSize, 1))
        }
    }
}

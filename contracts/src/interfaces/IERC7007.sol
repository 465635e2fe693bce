// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title IERC7007
/// @notice Verifiable AI-generated content (ERC-7007, final). A token is bound to its prompt.
/// @dev ERC-165 identifier 0x702c55a6.
interface IERC7007 {
    event AigcData(uint256 indexed tokenId, bytes indexed prompt, bytes aigcData, bytes proof);

    /// @notice Gives a token its content.
    function addAigcData(
        uint256 tokenId,
        bytes calldata prompt,
        bytes calldata aigcData,
        bytes calldata proof
    ) external;

    /// @notice Whether the content follows from the prompt: final, and what the token holds now.
    function verify(
        bytes calldata prompt,
        bytes calldata aigcData,
        bytes calldata proof
    ) external view returns (bool success);
}

/// @title IERC7007Updatable
/// @notice Content that may change until it is final.
/// @dev ERC-165 identifier 0x3f37dce2.
interface IERC7007Updatable {
    event Update(uint256 indexed tokenId, bytes indexed prompt, bytes indexed aigcData);

    /// @notice Replaces the content of the prompt's token.
    function update(bytes calldata prompt, bytes calldata aigcData) external;
}

/// @title IERC7007Enumerable
/// @notice Which prompt is which token.
/// @dev ERC-165 identifier 0xfa1a557a.
interface IERC7007Enumerable {
    function tokenId(bytes calldata prompt) external view returns (uint256);

    function prompt(uint256 tokenId) external view returns (string memory);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

/// @title GeneratedContent
/// @notice Tokens (ERC-721, ERC-7007) of what one version of a text model writes on from a prompt, asked through the oracle. The id is
/// the hash of the prompt, so there is one token per prompt, and it belongs to who asked first.
/// @dev The content is there as soon as an operator has answered and may change until the answer is final: an answer that is
/// proven wrong is voided, and the next one replaces the content (`Update`). `verify` tells the two apart. Nobody owns the contract.
///
/// To mint: `commit` to the prompt, and `mint` it `commitDelay` seconds later. Who only learns of a prompt from the second
/// transaction has to commit and wait first, and then the token is there.
interface IGeneratedContent {
    event Committed(bytes32 indexed commitment);
    /// @notice The oracle was asked for the content of a token: by the minter, or again after a request that nobody answered.
    event Requested(uint256 indexed tokenId, uint256 indexed requestId, address indexed account);

    error GeneratedContent_BadConfig(bytes32 reason);
    error GeneratedContent_AlreadyCommitted(bytes32 commitment);
    error GeneratedContent_NotCommitted(bytes32 commitment);
    error GeneratedContent_CommitmentTooYoung(bytes32 commitment, uint256 ripeAt);
    error GeneratedContent_CommitmentExpired(bytes32 commitment, uint256 expiredAt);
    error GeneratedContent_AlreadyMinted(uint256 tokenId);
    error GeneratedContent_NotMinted(uint256 tokenId);
    error GeneratedContent_PromptNotUtf8();
    error GeneratedContent_WrongTokenId(uint256 tokenId, uint256 expected);
    error GeneratedContent_NotOracle(address caller);
    error GeneratedContent_UnknownRequest(uint256 requestId);
    error GeneratedContent_AlreadyWritten(uint256 tokenId);
    error GeneratedContent_NotWritten(uint256 tokenId);
    error GeneratedContent_Unchanged(uint256 tokenId);
    /// @notice The content is not what the answer that stands says, or none stands.
    error GeneratedContent_NotTheAnswer(uint256 tokenId);
    /// @notice The last request can still be answered, or was.
    error GeneratedContent_StillAsked(uint256 tokenId, uint256 requestId);

    /// @notice Remembers a commitment for `commitLife` seconds. Anyone; whose it is, is part of what was hashed.
    function commit(bytes32 commitment) external;

    /// @notice Mints the prompt's token to the caller and asks the oracle for its content. Send at least `price()` wei; what is over,
    /// unused callback gas and refunds become the caller's credit with the oracle.
    /// @dev The prompt is valid UTF-8 of a length that the version reads.
    function mint(bytes calldata prompt, bytes32 salt) external payable returns (uint256 tokenId);

    /// @notice Asks again, after a request that was refunded because nobody answered it. Anyone, at the caller's cost; the token
    /// stays whose it is. What an answer that was proven wrong had left is erased.
    function askAgain(bytes calldata prompt) external payable returns (uint256 requestId);

    /// @notice What `account` commits to before it mints `prompt`.
    function commitmentOf(address account, bytes calldata prompt, bytes32 salt) external view returns (bytes32);

    /// @notice What asking the oracle costs now, in wei.
    function price() external view returns (uint256);

    /// @notice The content, whether there is any yet, and the request that it is the answer to.
    function contentOf(uint256 tokenId) external view returns (bytes memory aigcData, bool written, uint256 requestId);

    function oracle() external view returns (address);

    function versionId() external view returns (uint256);

    /// @notice Where royalties go: the till of the version's family.
    function till() external view returns (address);

    function royaltyBps() external view returns (uint256);

    function commitDelay() external view returns (uint256);

    function commitLife() external view returns (uint256);

    function callbackGas() external view returns (uint64);
}

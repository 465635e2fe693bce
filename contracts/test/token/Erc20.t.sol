// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {ModelToken} from "../../src/token/ModelToken.sol";
import {TokenTest} from "./TokenTest.sol";

/// A plain ERC-20 with ERC-2612 and ERC-165.
contract Erc20Test is TokenTest {
    uint256 internal constant OWNER_KEY = 0xA11CE;

    function test_metadataIsWhatCreationSaid() public view {
        assertEq(bytes(token.name()), "Model", "name");
        assertEq(bytes(token.symbol()), "MDL", "symbol");
        assertEq(token.decimals(), 18, "decimals");
        assertEq(token.totalSupply(), SUPPLY, "supply");
        assertEq(token.claimableBps(), 8_000, "p");
        assertEq(token.streamPeriod(), 7 days, "period");
        assertEq(token.publisher(), publisher, "publisher");
    }

    function test_creationGivesTheWholeSupplyToTheDistributor() public {
        vm.expectEmit();
        emit IERC20.Transfer(address(0), sale, SUPPLY);
        ModelToken fresh = new ModelToken(config());
        assertEq(fresh.balanceOf(sale), SUPPLY, "balance");
        assertEq(fresh.sharingSupply(), 0, "none of it shares");
    }

    function testFuzz_transferMovesExactlyTheAmount(uint256 amount) public {
        amount = bound(amount, 0, ALICE_HAS);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(alice, bob, amount);
        move(alice, bob, amount);
        assertEq(token.balanceOf(alice), ALICE_HAS - amount, "alice");
        assertEq(token.balanceOf(bob), BOB_HAS + amount, "bob");
        assertEq(token.totalSupply(), SUPPLY, "supply");
    }

    function testFuzz_transferBeyondTheBalanceReverts(uint256 amount) public {
        amount = bound(amount, ALICE_HAS + 1, type(uint256).max);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_InsufficientBalance.selector, alice, ALICE_HAS, amount)
        );
        token.transfer(bob, amount);
    }

    function test_transferToNobodyReverts() public {
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_ZeroAddress.selector);
        token.transfer(address(0), 1);
    }

    function testFuzz_transferFromSpendsTheAllowance(uint256 allowed, uint256 amount) public {
        allowed = bound(allowed, 0, type(uint256).max - 1);
        amount = bound(amount, 0, allowed < ALICE_HAS ? allowed : ALICE_HAS);
        vm.prank(alice);
        token.approve(carol, allowed);
        vm.prank(carol);
        token.transferFrom(alice, bob, amount);
        assertEq(token.allowance(alice, carol), allowed - amount, "allowance");
        assertEq(token.balanceOf(bob), BOB_HAS + amount, "bob");
    }

    function test_anInfiniteAllowanceIsNotSpent() public {
        vm.prank(alice);
        token.approve(carol, type(uint256).max);
        vm.prank(carol);
        token.transferFrom(alice, bob, 1e18);
        assertEq(token.allowance(alice, carol), type(uint256).max, "allowance");
    }

    function testFuzz_transferFromBeyondTheAllowanceReverts(uint256 allowed) public {
        allowed = bound(allowed, 0, 1e18 - 1);
        vm.prank(alice);
        token.approve(carol, allowed);
        vm.prank(carol);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_InsufficientAllowance.selector, carol, allowed, 1e18)
        );
        token.transferFrom(alice, bob, 1e18);
    }

    function test_approveAnnouncesItselfAndRefusesNobody() public {
        vm.expectEmit(address(token));
        emit IERC20.Approval(alice, bob, 5);
        vm.prank(alice);
        token.approve(bob, 5);
        vm.prank(alice);
        vm.expectRevert(IModelToken.ModelToken_ZeroAddress.selector);
        token.approve(address(0), 5);
    }

    // ---------------------------------------------------------------------------------------------------------- permit

    function _sign(
        uint256 key,
        address owner,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                carol,
                value,
                nonce,
                deadline
            )
        );
        return vm.sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message)));
    }

    function testFuzz_permitSetsTheAllowanceOnce(uint256 value) public {
        address owner = vm.addr(OWNER_KEY);
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = _sign(OWNER_KEY, owner, value, 0, deadline);
        token.permit(owner, carol, value, deadline, v, r, s);
        assertEq(token.allowance(owner, carol), value, "allowance");
        assertEq(token.nonces(owner), 1, "nonce");
        vm.expectRevert();
        token.permit(owner, carol, value, deadline, v, r, s);
    }

    function test_permitAfterItsDeadlineReverts() public {
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_PermitExpired.selector, START - 1));
        token.permit(alice, carol, 1, START - 1, 27, bytes32(uint256(1)), bytes32(uint256(1)));
    }

    function test_permitOfAnotherSignerReverts() public {
        (uint8 v, bytes32 r, bytes32 s) = _sign(OWNER_KEY, alice, 1, 0, START);
        vm.expectRevert(
            abi.encodeWithSelector(IModelToken.ModelToken_InvalidSigner.selector, vm.addr(OWNER_KEY), alice)
        );
        token.permit(alice, carol, 1, START, v, r, s);
    }

    function test_permitRefusesNobodyAsOwnerAndMalleableSignatures() public {
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_InvalidSigner.selector, address(0), address(0)));
        token.permit(address(0), carol, 1, START, 0, bytes32(0), bytes32(0));

        address owner = vm.addr(OWNER_KEY);
        (uint8 v, bytes32 r, bytes32 s) = _sign(OWNER_KEY, owner, 1, 0, START);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        vm.expectRevert(abi.encodeWithSelector(IModelToken.ModelToken_InvalidSigner.selector, address(0), owner));
        token.permit(owner, carol, 1, START, v == 27 ? 28 : 27, r, bytes32(order - uint256(s)));
    }

    function test_theDomainSeparatorIsTheOneOfErc2612() public view {
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Model"),
                keccak256("1"),
                block.chainid,
                address(token)
            )
        );
        assertEq(token.DOMAIN_SEPARATOR(), expected, "domain");
    }

    function test_aPermitIsNotValidOnAnotherChain() public {
        address owner = vm.addr(OWNER_KEY);
        (uint8 v, bytes32 r, bytes32 s) = _sign(OWNER_KEY, owner, 1, 0, START);
        vm.chainId(4242);
        vm.expectRevert();
        token.permit(owner, carol, 1, START, v, r, s);
    }

    // --------------------------------------------------------------------------------------------------------- ERC-165

    function test_itAdvertisesItsInterfaces() public view {
        assertTrue(token.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(token.supportsInterface(0x36372b07), "ERC-20");
        assertTrue(token.supportsInterface(0x9d8ff7da), "ERC-2612");
        assertTrue(token.supportsInterface(0xed7b2e4e), "ERC-7641");
        assertTrue(token.supportsInterface(0x5d18f986), "AltRevToken");
        assertFalse(token.supportsInterface(0xffffffff), "never this one");
        assertFalse(token.supportsInterface(0x12345678), "nor others");
    }

    // -------------------------------------------------------------------------------------------------------- creation

    function _refuses(IModelToken.Config memory c, bytes memory error) internal {
        vm.expectRevert(error);
        new ModelToken(c);
    }

    function test_creationRefusesWhatItsFieldsCannotHold() public {
        IModelToken.Config memory c = config();
        c.supply = 0;
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("supply")));
        c.supply = token.MAX_SUPPLY() + 1;
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("supply")));
        c = config();
        c.claimableBps = 10_001;
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("claimableBps")));
        c = config();
        c.streamPeriod = 1 << 22;
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("streamPeriod")));
        c = config();
        c.distributor = address(0);
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("distributor")));
        c = config();
        c.publisher = address(0);
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("publisher")));
        c = config();
        c.assets = new address[](5);
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("assets")));
    }

    function test_creationRefusesUnsuitableAssets() public {
        IModelToken.Config memory c = config();
        c.assets[0] = address(0);
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_UnsuitableAsset.selector, address(0)));
        c.assets[0] = alice;
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_UnsuitableAsset.selector, alice));
        c.assets = new address[](2);
        (c.assets[0], c.assets[1]) = (address(dollar), address(dollar));
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_UnsuitableAsset.selector, address(dollar)));
        c = config();
        vm.mockCall(address(dollar), abi.encodeCall(dollar.decimals, ()), abi.encode(uint8(19)));
        _refuses(c, abi.encodeWithSelector(IModelToken.ModelToken_UnsuitableAsset.selector, address(dollar)));
    }

    function test_theCodeFitsTheLimitsOfEip170AndEip3860() public view {
        assertLt(address(token).code.length, 24_576, "runtime");
        assertLt(type(ModelToken).creationCode.length, 49_152, "creation");
    }
}

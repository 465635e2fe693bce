// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {FeeERC20} from "../support/FeeERC20.sol";
import {NoReturnERC20} from "../support/NoReturnERC20.sol";
import {ReenteringERC20} from "../support/ReenteringERC20.sol";
import {TestERC20} from "../support/TestERC20.sol";
import {IFixedPriceOffering} from "../../src/interfaces/IFixedPriceOffering.sol";
import {IModelToken} from "../../src/interfaces/IModelToken.sol";
import {IOfferingFactory} from "../../src/interfaces/IOfferingFactory.sol";
import {IVestingEscrow} from "../../src/interfaces/IVestingEscrow.sol";
import {OfferingFactory} from "../../src/offering/OfferingFactory.sol";
import {OfferingFixture} from "./support/OfferingFixture.sol";

/// What the factory makes, and the traps it refuses.
contract CreateTest is OfferingFixture {
    function setUp() external {
        arrange();
    }

    // ---------------------------------------------------------------- what is made

    function test_create_makes_token_sale_and_escrow_that_know_each_other() external {
        address expected = factory.predictOffering(familyId);
        create(openLm());
        assertEq(address(sale), expected, "the address was known beforehand");
        assertEq(sale.token(), address(token), "sale to token");
        assertEq(sale.escrow(), address(escrow), "sale to escrow");
        assertEq(sale.factory(), address(factory), "sale to factory");
        assertEq(sale.familyId(), familyId, "sale to family");
        assertEq(escrow.offering(), address(sale), "escrow to sale");
        assertEq(escrow.token(), address(token), "escrow to token");
        assertTrue(factory.isOffering(address(sale)), "known");
        assertFalse(factory.isOffering(STRANGER), "a stranger is no offering");
        assertEq(factory.familyOfOffering(address(sale)), familyId, "family");
        assertEq(factory.openOfferingOf(familyId), address(sale), "open");
        assertEq(token.publisher(), PUBLISHER, "publisher");
    }

    function test_create_announces_what_it_made() external {
        address expected = factory.predictOffering(familyId);
        uint64 nonce = vm.getNonce(address(factory));
        address escrow_ = vm.computeCreateAddress(address(factory), nonce + 1);
        address token_ = vm.computeCreateAddress(address(factory), nonce + 2);
        vm.expectEmit(address(factory));
        emit IOfferingFactory.OfferingCreated(familyId, expected, token_, escrow_, PUBLISHER);
        create(openLm());
    }

    function test_create_stores_the_terms_as_given() external {
        IOfferingFactory.OfferingParams memory params = openLmSmallestFirst();
        params.sale.walletCap = 9 ether;
        create(params);
        assertEq(abi.encode(sale.terms()), abi.encode(params.sale), "terms");
    }

    function test_create_gives_the_token_the_familys_assets_without_ether() external {
        create(openLm());
        address[] memory assets = token.revenueAssets();
        assertEq(assets.length, 2, "two");
        assertEq(assets[0], ETH, "ETH");
        assertEq(assets[1], address(usdc), "USDC");
    }

    function test_create_lists_the_liquidity_share_as_the_last_grant() external {
        create(openLm());
        IVestingEscrow.Grant[] memory grants = escrow.grants();
        assertEq(grants.length, 3, "three grants");
        assertEq(grants[2].beneficiary, POOL_OWNER, "recipient");
        assertEq(grants[2].amount, 3e26, "amount");
        assertEq(grants[2].cliff, 180 days, "nothing before");
        assertEq(grants[2].duration, 180 days, "all after");
    }

    function test_create_without_liquidity_or_grants_sells_everything() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.offered = 1e27;
        params.allocation.liquidity = 0;
        params.allocation.grants = new IVestingEscrow.Grant[](0);
        create(params);
        assertEq(token.balanceOf(address(sale)), 1e27, "all for sale");
        assertEq(escrow.grants().length, 0, "no grants");
    }

    function test_create_returns_the_probe_to_the_publisher() external {
        approveProbe(address(usdc));
        create(openLmIn(address(usdc)));
        assertEq(usdc.balanceOf(PUBLISHER), PROBE, "back");
        assertEq(usdc.balanceOf(address(factory)), 0, "not kept");
    }

    function test_create_accepts_a_currency_that_returns_nothing() external {
        NoReturnERC20 currency = new NoReturnERC20();
        approveProbe(address(currency));
        create(openLmIn(address(currency)));
        assertEq(sale.terms().currency, address(currency), "currency");
    }

    function test_create_with_an_opening_in_the_past_opens_at_once() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.opensAt = 0;
        create(params);
        assertState(IFixedPriceOffering.State.Open, "open");
    }

    function test_create_again_after_refunds() external {
        openSale();
        closeAndSettle();
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.opensAt = CLOSES;
        params.sale.closesAt = CLOSES + 7 days;
        address first = address(sale);
        create(params);
        assertTrue(address(sale) != first, "another sale");
        assertEq(factory.openOfferingOf(familyId), address(sale), "open");
    }

    // ---------------------------------------------------------------- who may

    function test_create_reverts_for_anyone_but_the_publisher() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        vm.expectRevert(
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_NotPublisher.selector, familyId, STRANGER)
        );
        vm.prank(STRANGER);
        factory.create(params);
    }

    function test_create_reverts_while_an_offering_is_open() external {
        create(openLm());
        vm.expectRevert(
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_OfferingOpen.selector, familyId, address(sale))
        );
        create(openLm());
    }

    function test_create_reverts_once_the_family_has_a_token() external {
        openSale();
        commit(ALICE, 60 ether);
        closeAndSettle();
        vm.expectRevert(
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_AlreadyTokenized.selector, familyId, address(token))
        );
        create(openLm());
    }

    function test_onSettled_and_onRefunding_revert_for_anyone_but_an_offering() external {
        bytes memory refusal = abi.encodeWithSelector(
            IOfferingFactory.OfferingFactory_NotOffering.selector,
            address(this)
        );
        vm.expectRevert(refusal);
        factory.onSettled();
        vm.expectRevert(refusal);
        factory.onRefunding();
    }

    function test_initialize_reverts_on_clones_and_on_implementations() external {
        create(openLm());
        IFixedPriceOffering.Setup memory setup;
        IFixedPriceOffering.SaleTerms memory terms;
        IFixedPriceOffering[2] memory sales = [sale, IFixedPriceOffering(factory.offeringImplementation())];
        IVestingEscrow[2] memory escrows = [escrow, IVestingEscrow(factory.escrowImplementation())];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(IFixedPriceOffering.FixedPriceOffering_AlreadyInitialized.selector);
            sales[i].initialize(setup, terms);
            vm.expectRevert(IVestingEscrow.VestingEscrow_AlreadyInitialized.selector);
            escrows[i].initialize(address(this), address(token), new IVestingEscrow.Grant[](0));
        }
    }

    // ---------------------------------------------------------------- traps: token and allocation

    function test_create_reverts_on_a_claimable_share_over_the_whole() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.token.claimableBps = 10_001;
        refused(params, abi.encodeWithSelector(IOfferingFactory.OfferingFactory_BadClaimableShare.selector, 10_001));
    }

    function test_create_reverts_on_a_stream_period_below_the_least() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.token.streamPeriod = 1 days - 1;
        refused(
            params,
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_StreamPeriodTooShort.selector, 1 days - 1, 1 days)
        );
    }

    function test_create_passes_on_why_the_token_refuses() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        // More than a model token can count, but consistent.
        params.token.supply = 1e30;
        params.allocation.offered = 1e30 - 5e26;
        refused(params, abi.encodeWithSelector(IModelToken.ModelToken_BadConfig.selector, bytes32("supply")));
    }

    function test_create_reverts_on_an_allocation_that_is_not_the_supply() external {
        for (uint256 i = 0; i < 2; ++i) {
            IOfferingFactory.OfferingParams memory params = openLm();
            params.allocation.grants[1].amount = i == 0 ? 1e26 - 1 : 1e26 + 1;
            refused(params, mismatch(i == 0 ? 1e27 - 1 : 1e27 + 1, 1e27));
        }
    }

    function test_create_reverts_on_an_allocation_that_overflows_to_the_supply() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.grants[0].amount = type(uint256).max;
        params.allocation.grants[1].amount = 2e26 + 1;
        refused(params, mismatch(type(uint256).max, 1e27));
    }

    function test_create_reverts_without_tokens_for_sale() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.offered = 0;
        refused(params, zeroAmount("offered"));
    }

    function test_create_reverts_on_a_liquidity_lock_below_the_least() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.liquidityLock = 180 days - 1;
        refused(
            params,
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_LockTooShort.selector, 180 days - 1, 180 days)
        );
    }

    function test_create_reverts_on_liquidity_for_nobody() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.liquidityRecipient = address(0);
        refused(params, zeroAddress("liquidityRecipient"));
    }

    function test_create_reverts_on_a_grant_that_could_not_be_released() external {
        for (uint256 i = 0; i < 6; ++i) {
            IOfferingFactory.OfferingParams memory params = openLm();
            IVestingEscrow.Grant memory grant = params.allocation.grants[1];
            if (i == 0) grant.beneficiary = address(0);
            if (i == 1) (grant.amount, params.allocation.offered) = (0, 6e26);
            if (i == 2) grant.cliff = grant.duration + 1;
            if (i > 2) grant.beneficiary = predicted(i - 3);
            refused(params, abi.encodeWithSelector(IVestingEscrow.VestingEscrow_BadGrant.selector, 1));
        }
    }

    function test_create_reverts_on_more_grants_than_a_release_can_walk() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.allocation.grants = new IVestingEscrow.Grant[](32);
        for (uint256 i = 0; i < 32; ++i) params.allocation.grants[i] = IVestingEscrow.Grant(TEAM, 2e26 / 32, 0, 0);
        refused(params, abi.encodeWithSelector(IVestingEscrow.VestingEscrow_BadGrant.selector, 32));
    }

    // ---------------------------------------------------------------- traps: price

    function test_create_reverts_without_a_soft_cap() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.softCap = 0;
        refused(params, zeroAmount("softCap"));
    }

    function test_create_reverts_on_a_soft_cap_over_the_hard_cap() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.softCap = 150 ether + 1;
        refused(
            params,
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_CapsOutOfOrder.selector, 150 ether + 1, 150 ether)
        );
    }

    function test_create_reverts_on_a_price_of_nothing() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        (params.sale.softCap, params.sale.hardCap) = (1, 5e8 - 1);
        refused(params, abi.encodeWithSelector(IOfferingFactory.OfferingFactory_ZeroPrice.selector, 5e8 - 1, 5e26));
    }

    function test_create_reverts_on_a_price_too_coarse_to_round() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.hardCap = 5e29 + 1;
        refused(
            params,
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_PriceTooCoarse.selector, 5e29 + 1, 5e26)
        );
    }

    function test_initialize_reverts_on_amounts_that_do_not_fit_their_slots() external {
        create(openLm());
        IFixedPriceOffering.Setup memory setup;
        IFixedPriceOffering.SaleTerms memory terms = openLm().sale;
        (setup.token, setup.offered) = (address(token), uint256(type(uint104).max) + 1);
        IFixedPriceOffering blank = IFixedPriceOffering(Clones.clone(factory.offeringImplementation()));
        vm.expectRevert(tooLarge(setup.offered));
        blank.initialize(setup, terms);
        setup.offered = type(uint104).max;
        terms.hardCap = uint256(type(uint128).max) + 1;
        vm.expectRevert(tooLarge(terms.hardCap));
        blank.initialize(setup, terms);
    }

    // ---------------------------------------------------------------- traps: dates and tranches

    function test_create_reverts_on_dates_out_of_order() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.closesAt = OPENS;
        refused(params, datesOutOfOrder(OPENS, OPENS));
        // A sale that would be over before it is created.
        (params.sale.opensAt, params.sale.closesAt) = (0, uint40(START));
        refused(params, datesOutOfOrder(START, START));
    }

    function test_create_reverts_on_a_duration_out_of_bounds() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.closesAt = OPENS + 3 days - 1;
        refused(params, badDuration(3 days - 1, 3 days));
        params.sale.closesAt = OPENS + 90 days + 1;
        refused(params, badDuration(90 days + 1, 3 days));
    }

    function test_create_reverts_on_an_opening_that_would_block_the_family_for_years() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.opensAt = uint40(START + 90 days + 1);
        params.sale.closesAt = params.sale.opensAt + 7 days;
        refused(params, badDuration(90 days + 1, 0));
    }

    function test_create_reverts_without_tranches_or_with_too_many() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.tranches = new IFixedPriceOffering.Tranche[](0);
        refused(params, badTranches(0));
        params.sale.tranches = new IFixedPriceOffering.Tranche[](25);
        refused(params, badTranches(25));
    }

    function test_create_reverts_on_tranches_that_do_not_sum_to_the_whole() external {
        for (uint256 i = 0; i < 2; ++i) {
            IOfferingFactory.OfferingParams memory params = openLm();
            params.sale.tranches[2].bps = i == 0 ? 2_499 : 2_501;
            refused(params, badTranches(3));
        }
    }

    function test_create_reverts_on_an_empty_tranche() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        (params.sale.tranches[0].bps, params.sale.tranches[1].bps) = (7_500, 0);
        refused(params, badTranches(1));
    }

    function test_create_reverts_on_a_tranche_without_room_for_an_exit_window() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.tranches[0].delay = 7 days - 1;
        refused(params, badTranches(0));
        params = openLm();
        params.sale.tranches[1].delay = 7 days - 1;
        refused(params, badTranches(1));
        params = openLm();
        params.sale.tranches[2].delay = 37 days - 1;
        refused(params, badTranches(2));
    }

    // ---------------------------------------------------------------- traps: who gets the money, who may buy

    function test_create_reverts_on_funds_for_nobody() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.fundsRecipient = address(0);
        refused(params, zeroAddress("fundsRecipient"));
    }

    function test_create_reverts_on_funds_for_the_token_or_anything_that_would_keep_them() external {
        for (uint256 i = 0; i < 3; ++i) {
            IOfferingFactory.OfferingParams memory params = openLm();
            params.sale.fundsRecipient = predicted(i);
            refused(params, fundsTrap(predicted(i)));
        }
        approveProbe(address(usdc));
        IOfferingFactory.OfferingParams memory inUsdc = openLmIn(address(usdc));
        inUsdc.sale.fundsRecipient = address(usdc);
        refused(inUsdc, fundsTrap(address(usdc)));
    }

    function test_create_reverts_on_smallest_first_without_a_list() external {
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.oversubscription = IFixedPriceOffering.Oversubscription.SmallestFirst;
        refused(params, abi.encodeWithSelector(IOfferingFactory.OfferingFactory_AllowListRequired.selector));
    }

    // ---------------------------------------------------------------- traps: currency

    function test_create_reverts_on_a_currency_without_code() external {
        refused(openLmIn(STRANGER), unsuitable(STRANGER, 0, 0));
    }

    function test_create_reverts_on_a_currency_without_readable_decimals() external {
        refused(openLmIn(address(registry)), unsuitable(address(registry), 0, 0));
    }

    function test_create_reverts_on_a_currency_with_more_than_18_decimals() external {
        TestERC20 currency = new TestERC20("FINE", 19);
        approveProbe(address(currency));
        refused(openLmIn(address(currency)), unsuitable(address(currency), 0, 0));
    }

    function test_create_reverts_on_a_currency_with_a_fee_on_transfer() external {
        FeeERC20 currency = new FeeERC20(1);
        approveProbe(address(currency));
        refused(openLmIn(address(currency)), unsuitable(address(currency), PROBE, PROBE - 1));
    }

    function test_create_reverts_on_a_currency_that_takes_a_fee_on_the_way_back_only() external {
        ReenteringERC20 currency = new ReenteringERC20();
        approveProbe(address(currency));
        // While the probe arrives, the token gives the publisher a unit more: its side moves by one less.
        currency.arm(address(currency), abi.encodeCall(ReenteringERC20.mint, (PUBLISHER, 1)));
        refused(openLmIn(address(currency)), unsuitable(address(currency), PROBE - 1, PROBE));
    }

    function test_create_reverts_without_an_allowance_for_the_probe() external {
        vm.expectRevert();
        create(openLmIn(address(usdc)));
    }

    // ---------------------------------------------------------------- the factory's own parts

    function test_factory_reverts_on_parts_that_are_not_there() external {
        OfferingFactory.Parts memory good = parts();
        for (uint256 i = 0; i < 4; ++i) {
            OfferingFactory.Parts memory bad = abi.decode(abi.encode(good), (OfferingFactory.Parts));
            if (i == 0) bad.offeringImplementation = STRANGER;
            if (i == 1) bad.escrowImplementation = STRANGER;
            if (i == 2) bad.tokenCodeTail = address(0);
            if (i == 3) bad.tokenCodeHash = keccak256("other");
            bytes32[4] memory names = [
                bytes32("offeringImplementation"),
                "escrowImplementation",
                "tokenCode",
                "tokenCode"
            ];
            vm.expectRevert(abi.encodeWithSelector(IOfferingFactory.OfferingFactory_BadPart.selector, names[i]));
            new OfferingFactory(registry, bad, limits(), PROBE, new address[](0));
        }
    }

    function test_factory_reverts_on_limits_that_contradict_each_other() external {
        OfferingFactory.Parts memory good = parts();
        IOfferingFactory.Limits memory bad = limits();
        bad.minDuration = bad.uncommitCutoff - 1;
        vm.expectRevert(
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_BadLimits.selector, bytes32("minDuration"))
        );
        new OfferingFactory(registry, good, bad, PROBE, new address[](0));
        bad = limits();
        bad.maxDuration = bad.minDuration - 1;
        vm.expectRevert(
            abi.encodeWithSelector(IOfferingFactory.OfferingFactory_BadLimits.selector, bytes32("maxDuration"))
        );
        new OfferingFactory(registry, good, bad, PROBE, new address[](0));
        vm.expectRevert(zeroAmount("probeAmount"));
        new OfferingFactory(registry, good, limits(), 0, new address[](0));
    }

    function test_factory_without_exit_windows_still_wants_tranches_in_order() external {
        IOfferingFactory.Limits memory without = limits();
        without.exitWindow = 0;
        OfferingFactory.Parts memory deployed = parts();
        factory = new OfferingFactory(registry, deployed, without, PROBE, new address[](0));
        IOfferingFactory.OfferingParams memory params = openLm();
        params.sale.tranches[2].delay = params.sale.tranches[1].delay;
        refused(params, badTranches(2));
    }

    function test_factory_says_its_limits() external view {
        assertEq(abi.encode(factory.limits()), abi.encode(limits()), "limits");
        assertEq(factory.probeAmount(), PROBE, "probe");
    }

    function test_factory_keeps_further_accounts_from_sharing() external {
        address[] memory further = new address[](1);
        further[0] = STRANGER;
        address predictedFactory = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 5);
        OfferingFactory.Parts memory deployed = parts();
        registry = newRegistry(predictedFactory);
        factory = new OfferingFactory(registry, deployed, limits(), PROBE, further);
        familyId = registerFamily();
        create(openLm());
        assertFalse(token.isSharing(STRANGER), "the further account");
        assertFalse(token.isSharing(address(escrow)), "the escrow");
        assertFalse(token.isSharing(address(0xdEaD)), "the burn address");
        assertFalse(token.isSharing(address(sale)), "the sale");
    }

    // ---------------------------------------------------------------- helpers

    function refused(IOfferingFactory.OfferingParams memory params, bytes memory reason) private {
        vm.expectRevert(reason);
        create(params);
    }

    /// Addresses that the next offering will have: sale, escrow, token.
    function predicted(uint256 which) private view returns (address) {
        if (which == 0) return factory.predictOffering(familyId);
        return vm.computeCreateAddress(address(factory), vm.getNonce(address(factory)) + which);
    }

    function mismatch(uint256 allocated, uint256 supply) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_AllocationMismatch.selector, allocated, supply);
    }

    function tooLarge(uint256 amount) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IFixedPriceOffering.FixedPriceOffering_AmountTooLarge.selector, amount);
    }

    function zeroAmount(bytes32 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_ZeroAmount.selector, field);
    }

    function zeroAddress(bytes32 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_ZeroAddress.selector, field);
    }

    function datesOutOfOrder(uint256 opensAt, uint256 closesAt) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_DatesOutOfOrder.selector, opensAt, closesAt);
    }

    function badDuration(uint256 duration, uint256 least) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IOfferingFactory.OfferingFactory_DurationOutOfBounds.selector,
                duration,
                least,
                90 days
            );
    }

    function badTranches(uint256 index) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_BadTranches.selector, index);
    }

    function fundsTrap(address recipient) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IOfferingFactory.OfferingFactory_FundsRecipientIsToken.selector, recipient);
    }

    function unsuitable(address currency, uint256 sent, uint256 received) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IOfferingFactory.OfferingFactory_UnsuitableCurrency.selector,
                currency,
                sent,
                received
            );
    }
}

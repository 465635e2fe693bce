// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {Test} from "./Test.sol";

/// The accounts that most tests know by name.
abstract contract People is Test {
    address internal immutable PUBLISHER = vm.addr(0x9B);
    address internal immutable TREASURY = vm.addr(0x7EA);
    address internal immutable ALICE = vm.addr(0xA11CE);
    address internal immutable BOB = vm.addr(0xB0B);
    address internal immutable CAROL = vm.addr(0xCA401);
    address internal immutable DAVE = vm.addr(0xDA7E);
}

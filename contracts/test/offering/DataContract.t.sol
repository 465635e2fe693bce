// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

import {DataContract} from "../../src/offering/DataContract.sol";
import {Test} from "../support/Test.sol";

/// Bytes as the code of a contract.
contract DataContractTest is Test {
    function testFuzz_read_returns_what_write_was_given(bytes calldata data) external {
        assertEq(DataContract.read(DataContract.write(data)), data, "data");
    }

    function test_the_largest_data_fits() external {
        bytes memory data = new bytes(24_575);
        data[24_574] = 0x7a;
        address pointer = DataContract.write(data);
        assertEq(pointer.code.length, 24_576, "the limit of EIP-170");
        assertEq(DataContract.read(pointer), data, "data");
    }

    function test_write_reverts_on_more() external {
        vm.expectRevert(abi.encodeWithSelector(DataContract.DataContract_TooLarge.selector, 24_576));
        this.write(new bytes(24_576));
    }

    function test_write_reverts_when_the_deployment_fails() external {
        // Enough to try, too little to store 24,575 bytes.
        vm.expectRevert(DataContract.DataContract_DeploymentFailed.selector);
        this.write{gas: 2_000_000}(new bytes(24_575));
    }

    function test_read_of_nothing_is_nothing() external view {
        assertEq(DataContract.read(address(0)).length, 0, "no code");
    }

    function test_a_data_contract_cannot_run() external {
        address pointer = DataContract.write(hex"ff");
        (bool ok, bytes memory output) = pointer.call("");
        assertTrue(ok, "stops at once");
        assertEq(output.length, 0, "and says nothing");
        assertEq(pointer.code, hex"00ff", "still there");
    }

    function write(bytes calldata data) external returns (address) {
        return DataContract.write(data);
    }
}

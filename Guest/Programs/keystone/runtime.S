/* The runtime file that goes with loader.S; see there. Linked at 0xffffffffc0000000, the address at which
 * Keystone's loader enters a runtime. */
#include "keystone_abi.h"

    .section .text._start, "ax", @progbits
    .globl  _start
_start:
    li      a0, EAPP_KILLED
    li      a6, SBI_SM_EXIT_ENCLAVE
    li      a7, SBI_EXT_KEYSTONE
    ecall
1:  j       1b

/* Entry of a freestanding eapp. The runtime enters with a0 = 0 and sp at, or 248 bytes below, the top of a
 * 128 KiB stack: with its environment block the pointer is only 8-byte aligned, so align it. */
#include "keystone_abi.h"

    .section .text._start, "ax", @progbits
    .globl  _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    andi    sp, sp, -16
    mv      fp, zero
    call    eapp_main
    li      a7, EAPP_EXIT
    ecall
1:  j       1b                      /* EXIT does not return; a host that resumes regardless finds a wall */

/* Entry of an enclave: the first byte of its memory, in S-mode, untranslated, with a1 to a7 as the security monitor
 * gives them (sm/src/enclave.c, context_switch_to_enclave): enclave memory and its size, runtime, eapp, free memory,
 * shared buffer and its size. The first free page becomes the stack. */
#include "keystone_abi.h"

    .section .text._start, "ax", @progbits
    .globl  _start
_start:
    li      t0, KEYSTONE_PAGE
    add     a5, a5, t0
    mv      sp, a5
    j       load

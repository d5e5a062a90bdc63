/* A Keystone host program must hand over a loader and a runtime, which are part of the measurement. RvJit's
 * enclave runtime is native and executes neither, so these two files are the smallest honest guest code: if
 * they are ever run, they end the enclave with -1 instead of falling into whatever follows.
 *
 * loader.bin starts at the first byte of enclave memory, in S-mode, untranslated; hence no data and no
 * address in it. On a real Keystone pass Keystone's own loader.bin and eyrie-rt instead. */
#include "keystone_abi.h"

    .section .text._start, "ax", @progbits
    .globl  _start
_start:
    li      a0, EAPP_KILLED
    li      a6, SBI_SM_EXIT_ENCLAVE
    li      a7, SBI_EXT_KEYSTONE
    ecall
1:  j       1b                      /* a monitor that returns from EXIT is broken: stay put */

/* A loader that attacks others in place of loading anything (victim.h). Enters as every loader does, untranslated: a1 EPM,
 * a4 eapp, a5 free memory, a6 shared buffer. Returns with EXIT. */
#include "keystone_abi.h"
#include "victim.h"

    .section .text, "ax", @progbits
    .globl  _start
_start:
    ld      t0, 0(a6)
    li      t1, HOSTILE_JUMP
    beq     t0, t1, jump
    li      t1, HOSTILE_SEAL
    beq     t0, t1, seal
    li      a0, 0
sum:
    ld      t0, 0(a4)
    add     a0, a0, t0
    addi    a4, a4, 8
    bltu    a4, a5, sum
    j       exit
jump:
    addi    t0, a6, HOSTILE_CODE_OFFSET
    jr      t0
seal:                               /* the name is the first bytes of this loader: a1 is the EPM */
    ld      a0, 8(a6)
    li      a2, 8
    li      a6, SBI_SM_GET_SEALING_KEY
    li      a7, SBI_EXT_KEYSTONE
    ecall
exit:
    li      a6, SBI_SM_EXIT_ENCLAVE
    li      a7, SBI_EXT_KEYSTONE
    ecall
    j       exit

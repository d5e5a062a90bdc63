/* One access each, in a0 its address: the result is 0, or the cause of the trap that it took. */
#include "supervisor.h"

    .macro  probe name, access:vararg
    .globl  \name
\name:
    lla     t0, trapped
    csrw    stvec, t0
    \access
    li      a0, 0
    ret
    .endm

    .text
    probe   probe_load, ld t0, 0(a0)
    probe   probe_store, sd zero, 0(a0)
    probe   probe_atomic, amoadd.d t0, zero, (a0)
    probe   probe_reserve, lr.d t0, (a0)
    probe   probe_float, fld ft0, 0(a0)
    probe   probe_csr, csrr t0, mhartid

    .globl  probe_fetch
probe_fetch:
    lla     t0, not_fetched
    csrw    stvec, t0
    mv      t1, ra
    jalr    a0
    mv      ra, t1
    li      a0, 0
    ret

    .balign 4
trapped:
    csrr    a0, scause
    ret

    .balign 4
not_fetched:
    csrr    a0, scause
    jr      t1

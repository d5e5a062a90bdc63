/* Traps of the runtime. Only the eapp traps here: copy_guarded takes its own faults, and any other trap out of S-mode is
 * the end. The enclave's thread is one, so one stack and one place for the eapp's stack pointer (sscratch) do. */
#include "supervisor.h"

#define CAUSE_USER_ECALL 8
#define FRAME 128

/* The loader's next fetch: a0 = the eapp's entry point, a1 = bytes of the shared buffer, a2 = where MONITOR_PAGE_VA lies.
 * The eapp starts with floating point on, all registers 0 but sp, and may be touched from here for ever (SUM). */
    .section .text._start, "ax", @progbits
    .globl  _start
    .balign 4
_start:
    lla     t0, shared_size
    sd      a1, 0(t0)
    lla     t0, monitor_page
    sd      a2, 0(t0)
    lla     t0, trap
    csrw    stvec, t0
    lla     t0, stack_top
    csrw    sscratch, t0
    csrw    sepc, a0
    li      t0, SSTATUS_SPP
    csrc    sstatus, t0
    li      t0, SSTATUS_FS | SSTATUS_SUM
    csrs    sstatus, t0
    li      sp, USER_STACK_TOP - USER_STACK_COLOUR
    .irp    r, ra, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6
    mv      \r, zero
    .endr
    sret

/* A call of the eapp keeps every register but a0. serve() keeps those that C functions keep. */
    .balign 4
trap:
    csrrw   sp, sscratch, sp
    addi    sp, sp, -FRAME
    sd      t0, 0(sp)
    sd      t1, 8(sp)
    csrr    t0, scause
    li      t1, CAUSE_USER_ECALL
    bne     t0, t1, die
    csrr    t0, sepc
    addi    t0, t0, 4
    sd      t0, 16(sp)              /* copies change sepc */
    sd      ra, 24(sp)
    sd      t2, 32(sp)
    sd      t3, 40(sp)
    sd      t4, 48(sp)
    sd      t5, 56(sp)
    sd      t6, 64(sp)
    sd      a1, 72(sp)
    sd      a2, 80(sp)
    sd      a3, 88(sp)
    sd      a4, 96(sp)
    sd      a5, 104(sp)
    sd      a6, 112(sp)
    sd      a7, 120(sp)
    call    serve
    ld      t0, 16(sp)
    csrw    sepc, t0
    ld      t0, 0(sp)
    ld      t1, 8(sp)
    ld      ra, 24(sp)
    ld      t2, 32(sp)
    ld      t3, 40(sp)
    ld      t4, 48(sp)
    ld      t5, 56(sp)
    ld      t6, 64(sp)
    ld      a1, 72(sp)
    ld      a2, 80(sp)
    ld      a3, 88(sp)
    ld      a4, 96(sp)
    ld      a5, 104(sp)
    ld      a6, 112(sp)
    ld      a7, 120(sp)
    addi    sp, sp, FRAME
    csrrw   sp, sscratch, sp
    sret

die:
    lla     sp, stack_top
    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    tail    fatal

/* int copy_guarded(void *to, const void *from, size_t bytes): 0, or 1 when a page fault ended it. */
    .globl  copy_guarded
copy_guarded:
    lla     t0, copy_fault
    csrrw   t0, stvec, t0
    or      t1, a0, a1
    andi    t1, t1, 7
    bnez    t1, 2f
    li      t2, 8
1:  bltu    a2, t2, 2f
    ld      t1, 0(a1)
    sd      t1, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, 8
    addi    a2, a2, -8
    j       1b
2:  beqz    a2, 3f
    lbu     t1, 0(a1)
    sb      t1, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, 1
    addi    a2, a2, -1
    j       2b
3:  csrw    stvec, t0
    li      a0, 0
    ret

    .balign 4
copy_fault:
    li      t1, SSTATUS_SPP
    csrc    sstatus, t1             /* the eapp is who sret returns to */
    csrw    stvec, t0
    li      a0, 1
    ret

    .bss
    .balign 16
    .zero   KEYSTONE_PAGE
stack_top:

# Start of every S-mode program: the boot hart, and harts it starts with hart_start, have a stack of their own. The boot
# hart enters main(hart, device tree); a started one calls the function that hart_start's opaque value points to.
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_end
    slli t0, a0, 13                 # 8 KiB a hart, downwards
    sub sp, sp, t0
    la t0, trap_entry
    csrw stvec, t0
    call main
1:  wfi
    j 1b

    .globl hart_entry
hart_entry:
    la sp, stack_end
    slli t0, a0, 13
    sub sp, sp, t0
    la t0, trap_entry
    csrw stvec, t0
    jalr a1
1:  wfi
    j 1b

# Counts the interrupt by its number, and switches it off in sie: its cause may still stand. Anything else is the end.
    .balign 4
trap_entry:
    csrw sscratch, t0
    csrr t0, scause
    bgez t0, 2f
    addi sp, sp, -32
    sd t1, 0(sp)
    sd t2, 8(sp)
    slli t0, t0, 1
    srli t0, t0, 1
    li t1, 1
    sll t1, t1, t0
    csrc sie, t1
    csrc sip, t1
    la t2, interrupts
    slli t0, t0, 3
    add t2, t2, t0
    li t1, 1
    amoadd.d x0, t1, (t2)
    ld t1, 0(sp)
    ld t2, 8(sp)
    addi sp, sp, 32
    csrr t0, sscratch
    sret
2:  csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    call unexpected

# long rewritten(void): for the program to overwrite.
    .balign 64
    .option push
    .option norvc
    .globl rewritten
rewritten:
    li a0, 1
    ret
    .option pop

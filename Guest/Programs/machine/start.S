# Start of every bare-metal program: each hart has a stack of its own and enters main(hart, device tree); what hart 0
# returns goes to the finisher as the exit code, other harts sleep when they return.
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_end
    slli t0, a0, 13                 # 8 KiB a hart, downwards
    sub sp, sp, t0
    mv s0, a0
    li t0, 0x6000                   # mstatus.FS: floating point on
    csrs mstatus, t0
    call main
    bnez s0, sleep
    call finish
sleep:
    wfi
    j sleep

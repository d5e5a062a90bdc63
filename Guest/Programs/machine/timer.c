// Three timer interrupts, each a millisecond after the one before, with wfi in between.
#include "machine.h"

#define MTIMECMP (CLINT + 0x4000)
#define MTIME (CLINT + 0xbff8)
#define MILLISECOND 10000

static volatile int ticks;

static void __attribute__((interrupt("machine"), aligned(4))) on_trap(void)
{
    if (CSR_READ(mcause) != (INTERRUPT | 7))
        finish(2);
    ticks++;
    *reg64(MTIMECMP) = ticks < 3 ? *reg64(MTIMECMP) + MILLISECOND : UINT64_MAX;
}

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    uint64_t start = *reg64(MTIME);
    CSR_WRITE(mtvec, on_trap);
    *reg64(MTIMECMP) = start + MILLISECOND;
    CSR_SET(mie, MIP_TIMER);
    for (int seen = 0; seen < 3; seen++) {
        while (ticks == seen)
            sleep();
        print("tick\n");
    }
    return *reg64(MTIME) - start >= 3 * MILLISECOND && !(CSR_READ(mip) & MIP_TIMER) ? 0 : 3;
}

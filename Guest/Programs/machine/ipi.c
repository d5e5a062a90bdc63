// Two harts wake each other by software interrupts, a hundred times; hart 1 counts, hart 0 checks.
#include "machine.h"

#define ROUNDS 100

static volatile int woken[2];
static volatile int ready;

static void __attribute__((interrupt("machine"), aligned(4))) on_trap(void)
{
    uint64_t hart = CSR_READ(mhartid);
    if (CSR_READ(mcause) != (INTERRUPT | 3))
        finish(2);
    *reg32(CLINT + 4 * hart) = 0;
    FENCE();
    woken[hart]++;
}

static void await(uint64_t hart, int count)
{
    while (woken[hart] < count)
        sleep();
}

int main(uint64_t hart, const void *device_tree)
{
    (void)device_tree;
    CSR_WRITE(mtvec, on_trap);
    CSR_SET(mie, MIP_SOFTWARE);
    if (hart == 0) {
        while (!ready) {
        }
        for (int i = 1; i <= ROUNDS; i++) {
            *reg32(CLINT + 4) = 1;
            await(0, i);
        }
        print("both harts woke\n");
        return woken[0] == ROUNDS && woken[1] == ROUNDS ? 0 : 3;
    }
    ready = 1;
    for (int i = 1; i <= ROUNDS; i++) {
        await(1, i);
        *reg32(CLINT) = 1;
    }
    return 0;
}

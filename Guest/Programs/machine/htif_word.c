// Ends by a store of 32 bits, in the order in which RV32 programs store the two halves.
#include "machine.h"
#include "htif.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    volatile uint32_t *half = (volatile uint32_t *)&tohost;
    half[0] = 9 << 1 | 1;
    half[1] = 0;
    (void)fromhost;
    for (;;) {
    }
}

// Says so, and asks for a reset.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    print("reset\n");
    *reg32(FINISHER) = FINISHER_RESET;
    for (;;)
        WFI();
}

// Ends with an exit code.
#include "machine.h"

int main(uint64_t hart, const void *device_tree)
{
    (void)hart;
    (void)device_tree;
    return 42;
}
